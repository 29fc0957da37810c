"""A projected message carries the request and run id from the nearest place that has a valid one."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="WSMessageProjector gives a message the wrong request or run id",
    claim="Ids come from the message's metadata, else its payload, else the payload's metadata, else the context; what is "
    "no UUID is passed over.",
    source="docs/api/projector.md#wsmessageprojectorproject",
    component="stageflow.projector.WSMessageProjector.project",
    subsystem="projector",
    category="observability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The client assigns an answer to another request.",
    recommendation="Look the ids up in that order and normalize them.",
)

A, B, C, D = (str(uuid.UUID(int=n)) for n in (1, 2, 3, 4))
CASES = (
    Case(
        "metadata",
        {
            "message": {"metadata": {"request_id": A, "pipeline_run_id": B}, "payload": {"request_id": C, "pipeline_run_id": C}},
            "ids": [A, B],
        },
    ),
    Case("payload", {"message": {"payload": {"request_id": A, "pipeline_run_id": B, "metadata": {"request_id": C}}}, "ids": [A, B]}),
    Case("payload in camel case", {"message": {"payload": {"requestId": A, "pipelineRunId": B}}, "ids": [A, B]}),
    Case("metadata of the payload", {"message": {"payload": {"metadata": {"request_id": A, "pipeline_run_id": B}}}, "ids": [A, B]}),
    Case(
        "metadata of the payload in camel case", {"message": {"payload": {"metadata": {"requestId": A, "pipelineRunId": B}}}, "ids": [A, B]}
    ),
    Case("context", {"message": {"payload": {"x": 1}}, "ids": [C, D]}),
    Case("no payload", {"message": {}, "ids": [C, D]}),
    Case("payload is a list", {"message": {"payload": [1, 2]}, "ids": [C, D]}),
    Case(
        "invalid ids",
        {
            "message": {"metadata": {"request_id": "no", "pipeline_run_id": 7}, "payload": {"request_id": "", "pipelineRunId": None}},
            "ids": [C, D],
        },
    ),
    Case("mixed", {"message": {"metadata": {"request_id": A}, "payload": {"pipeline_run_id": B}}, "ids": [A, B]}),
    Case(
        "other spelling",
        {"message": {"metadata": {"request_id": A.replace("-", "").upper(), "pipeline_run_id": "{" + B + "}"}}, "ids": [A, B]},
    ),
)


def plain(message, request, run):
    """The rule in plain Python."""
    payload = message.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    places = [message.get("metadata") or {}, payload, payload.get("metadata") or {}]
    found = []
    for names, fallback in ((("request_id", "requestId"), request), (("pipeline_run_id", "pipelineRunId"), run)):
        candidates = [place.get(name) for place in places for name in names] + [fallback]
        found.append(next(str(uuid.UUID(str(value))) for value in candidates if valid(value)))
    return found


def valid(value):
    """The value is a UUID in some spelling."""
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True


def verdict(ids, params):
    expect_equal(ids({"type": "chat.token", **params["message"]}), params["ids"], "[request_id, pipeline_run_id]")


@promised
def scenario(params):
    projector = need("stageflow.projector:WSMessageProjector")()

    def ids(message):
        metadata = projector.project(message, connection_org_id=None, context_request_id=uuid.UUID(C), context_pipeline_run_id=D)[
            "metadata"
        ]
        return [metadata["request_id"], metadata["pipeline_run_id"]]

    verdict(ids, params)


def control(params):
    verdict(lambda message: plain(message, C, D), params)
