"""`with_…` on a snapshot changes one field and leaves the rest, and the original, alone."""

import copy
import dataclasses

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, difference, promised

PROBE = Probe(
    title="A with_ method of ContextSnapshot loses or mixes up a field",
    claim="with_run_id, with_enrichments, with_conversation and with_extensions return a copy in which only that field is new.",
    source="docstring:stageflow.context.ContextSnapshot.with_run_id",
    component="stageflow.context.ContextSnapshot",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Adding an enrichment to a snapshot silently drops other parts of the request.",
    recommendation="Use dataclasses.replace.",
)

CASES = tuple(
    Case(name, {"field": name}, component=f"stageflow.context.ContextSnapshot.with_{name}")
    for name in ("run_id", "enrichments", "conversation", "extensions")
)

CLASSES = {"run_id": "RunIdentity", "enrichments": "Enrichments", "conversation": "Conversation"}


def new_value(field):
    """Another value for the field."""
    return need(f"stageflow.context:{CLASSES[field]}")() if field in CLASSES else {"other": "extension"}


def full_snapshot():
    snapshot = build(need("stageflow.context:ContextSnapshot"), "filled")
    return dataclasses.replace(snapshot, extensions={"locale": "en"})


def verdict(method, field):
    original, value = full_snapshot(), new_value(field)
    before = copy.deepcopy(original)
    changed = method(original, value)
    found = difference(dataclasses.replace(before, **{field: value}), changed) or difference(before, original, "original")
    expect(not found, f"only {field} of the copy is new", found)


@promised
def scenario(params):
    method = need(f"stageflow.context:ContextSnapshot.with_{params['field']}")
    verdict(method, params["field"])


def control(params):
    verdict(lambda original, value: dataclasses.replace(original, **{params["field"]: value}), params["field"])
