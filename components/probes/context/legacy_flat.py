"""A stored snapshot of the old flat layout is read with everything in it."""

import copy
import dataclasses

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, difference, promised, through_json

PROBE = Probe(
    title="ContextSnapshot.from_dict loses data of the flat layout",
    claim="from_dict reads the composed layout and the legacy flat layout: both give the same snapshot.",
    source="docstring:stageflow.context.ContextSnapshot.from_dict",
    component="stageflow.context.ContextSnapshot.from_dict",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Snapshots stored by an older release come back with parts missing.",
    recommendation="Build every part from the flat fields when the composed one is absent.",
)

CASES = tuple(Case(f"without {name}", {"absent": name}) for name in ("run_id", "enrichments", "conversation"))


def same_birth(snapshot):
    """The flat layout has no time of birth for the identity: compare without."""
    identity = dataclasses.replace(snapshot.run_id, created_at=snapshot.created_at)
    return dataclasses.replace(snapshot, run_id=identity)


def verdict(read, absent):
    original = build(need("stageflow.context:ContextSnapshot"), "filled")
    stored = through_json(original.to_dict())
    assert stored.pop(absent)
    found = difference(same_birth(original), same_birth(read(stored, original)))
    expect(not found, f"the same snapshot when only the flat fields tell about {absent}", found)


@promised
def scenario(params):
    snapshot = need("stageflow.context:ContextSnapshot")
    verdict(lambda stored, original: snapshot.from_dict(stored), params["absent"])


def control(params):
    verdict(lambda stored, original: copy.deepcopy(original), params["absent"])
