"""A snapshot that goes into a PipelineContext comes out of it unchanged."""

import dataclasses

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, difference, promised

PROBE = Probe(
    title="PipelineContext.from_snapshot and to_snapshot lose a field",
    claim="A PipelineContext made from a snapshot derives the same snapshot again, the time of birth of its identity aside.",
    source="docstring:stageflow.stages.context.PipelineContext.from_snapshot",
    component="stageflow.stages.context.PipelineContext.to_snapshot",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Stages of a replayed run miss part of the stored input, or see it under another name.",
    recommendation="Hand every field through in both directions.",
)

CASES = (Case("default", {"filling": "default"}), Case("smallest", {"filling": "smallest"}), Case("filled", {"filling": "filled"}))


def same_birth(snapshot):
    """The snapshot with its identity born at the same time, see context/bridge_birth."""
    return dataclasses.replace(snapshot, run_id=dataclasses.replace(snapshot.run_id, created_at=snapshot.created_at))


def verdict(carry, filling):
    original = same_birth(build(need("stageflow.context:ContextSnapshot"), filling))
    original = dataclasses.replace(original, extensions={"locale": "en"})
    found = difference(original, carry(original))
    expect(not found, "the same snapshot", found)


@promised
def scenario(params):
    pipeline_context = need("stageflow:PipelineContext")
    need("stageflow:PipelineContext.from_snapshot")
    verdict(lambda snapshot: pipeline_context.from_snapshot(snapshot).to_snapshot(), params["filling"])


def control(params):
    verdict(dataclasses.replace, params["filling"])
