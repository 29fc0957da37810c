"""A projected message has the type and payload it was given, and the given message is not changed."""

import copy

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="WSMessageProjector changes the payload, or the message it is given",
    claim="Type and payload are passed through, empty values included; the message of the caller stays as it is.",
    source="invariant:no mutation",
    component="stageflow.projector.WSMessageProjector.project.message",
    subsystem="projector",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Clients get incomplete answers; a message that is sent to several connections carries the ids of the first.",
    recommendation="Copy the message before adding the metadata.",
)

CASES = (
    Case("text", {"payload": {"text": "hello"}}),
    Case("empty values", {"payload": {"a": None, "b": "", "c": 0, "d": [], "e": {"f": None}}}),
    Case("list", {"payload": [1, None, {"a": None}]}),
    Case("string", {"payload": "plain"}),
    Case("zero", {"payload": 0}),
    Case("status", {"payload": {"service": "chat", "status": "busy", "metadata": {"n": 0}, "more": 1}, "type": "status.update"}),
)


def verdict(project, params):
    message = {"type": params.get("type", "chat.token"), "payload": params["payload"], "metadata": {"request_id": "x"}}
    before = copy.deepcopy(message)
    projected = project(message)
    expect_equal(
        [projected["type"], projected["payload"], message],
        [before["type"], before["payload"], before],
        "[type, payload, given message afterwards]",
    )


@promised
def scenario(params):
    projector = need("stageflow.projector:WSMessageProjector")()
    verdict(
        lambda message: projector.project(message, connection_org_id=None, context_request_id=None, context_pipeline_run_id=None), params
    )


def control(params):
    verdict(lambda message: copy.deepcopy(message) | {"metadata": {}}, params)
