"""A message for which nobody knows an id gets a new valid one."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="WSMessageProjector gives messages without ids none, or the same ones",
    claim="UUIDs are generated for missing or invalid request and run ids.",
    source="docs/api/projector.md#wsmessageprojectorproject",
    component="stageflow.projector.WSMessageProjector.project",
    subsystem="projector",
    category="observability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Clients take messages of different requests for one.",
    recommendation="Generate a random UUID for each missing id.",
)

CASES = (Case("missing", {"context": None}), Case("invalid", {"context": "not an id"}))


def verdict(project, params):
    ids = []
    for _ in range(3):
        metadata = project(params["context"])
        ids += [metadata["request_id"], metadata["pipeline_run_id"]]
    expect_equal(
        [len(set(ids)), all(str(uuid.UUID(value)) == value for value in ids)], [6, True], "[different ids in three messages, all valid]"
    )


@promised
def scenario(params):
    projector = need("stageflow.projector:WSMessageProjector")()
    message = {"type": "chat.token", "payload": {}}
    verdict(
        lambda ctx: projector.project(message, connection_org_id=None, context_request_id=ctx, context_pipeline_run_id=ctx)["metadata"],
        params,
    )


def control(params):
    verdict(lambda ctx: {"request_id": str(uuid.uuid4()), "pipeline_run_id": str(uuid.uuid4())}, params)
