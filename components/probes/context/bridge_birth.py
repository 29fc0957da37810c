"""The time of birth of a run identity survives the way through a PipelineContext."""

from datetime import UTC, datetime

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="PipelineContext.from_snapshot replaces the created_at of the run identity by that of the snapshot",
    claim="A PipelineContext built from a snapshot keeps the identity's own created_at ('when this identity was created').",
    source="docstring:stageflow.context.identity.RunIdentity",
    component="stageflow.stages.context.PipelineContext.from_snapshot",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="In a replay, stages read another time of birth of the run identity than the one that was stored.",
    recommendation="Keep run_id.created_at in PipelineContext and use it in to_snapshot instead of created_at.",
    workaround="Read created_at from the stored snapshot, not from ctx.snapshot.run_id.",
    cause="stageflow.stages.context:PipelineContext.from_snapshot",
)

CASES = (Case("identity older than the snapshot", {"year": 2021}), Case("identity newer than the snapshot", {"year": 2024}))


@promised
def scenario(params):
    born = datetime(params["year"], 1, 2, 3, 4, 5, 678, UTC)
    identity = need("stageflow.context:RunIdentity")(created_at=born)
    snapshot = need("stageflow.context:ContextSnapshot")(run_id=identity, created_at=datetime(2023, 1, 1, tzinfo=UTC))
    carried = need("stageflow:PipelineContext.from_snapshot")(snapshot).to_snapshot()
    expect_equal(carried.run_id.created_at.isoformat(), born.isoformat(), "run_id.created_at after from_snapshot().to_snapshot()")


def control(params):
    born = datetime(params["year"], 1, 2, 3, 4, 5, 678, UTC)
    identity = need("stageflow.context:RunIdentity")(created_at=born)
    snapshot = need("stageflow.context:ContextSnapshot")(run_id=identity, created_at=born)
    carried = need("stageflow:PipelineContext.from_snapshot")(snapshot).to_snapshot()
    expect_equal(carried.run_id.created_at.isoformat(), born.isoformat(), "run_id.created_at when both were born together")
