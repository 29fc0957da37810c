"""Giving an identity another run id changes only that, and not the original."""

import copy
import dataclasses
import uuid

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, difference, promised

PROBE = Probe(
    title="RunIdentity.with_pipeline_run_id loses another id",
    claim="with_pipeline_run_id returns a copy with a new pipeline_run_id; all other ids and created_at stay.",
    source="docstring:stageflow.context.identity.RunIdentity.with_pipeline_run_id",
    component="stageflow.context.RunIdentity.with_pipeline_run_id",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="A run started under the copied identity belongs to no user, session or tenant.",
    recommendation="Use dataclasses.replace.",
)

CASES = (Case("filled", {"filling": "filled"}), Case("smallest", {"filling": "smallest"}))


def verdict(change, filling):
    original, new = build(need("stageflow.context:RunIdentity"), filling), uuid.UUID(int=42)
    before = copy.deepcopy(original)
    changed = change(original, new)
    found = difference(dataclasses.replace(before, pipeline_run_id=new), changed) or difference(before, original, "original")
    expect(not found, "only pipeline_run_id of the copy is new", found)


@promised
def scenario(params):
    change = need("stageflow.context:RunIdentity.with_pipeline_run_id")
    verdict(change, params["filling"])


def control(params):
    need("stageflow.context:RunIdentity")().to_dict()
    verdict(lambda original, new: dataclasses.replace(original, pipeline_run_id=new), params["filling"])
