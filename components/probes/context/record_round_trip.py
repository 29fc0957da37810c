"""Every context record comes back from `to_dict`, JSON and `from_dict` as it was: all fields, values and types."""

import copy

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, dataclasses_of, difference, goes_both_ways, promised, round_trip_difference

PROBE = Probe(
    title="A context record does not survive its own serialization",
    claim="Snapshots and the records inside them round-trip through to_dict(), JSON and from_dict() without losing a "
    "field, a value or a type.",
    source="docstring:stageflow.context.context_snapshot",
    component="stageflow.context.ContextSnapshot",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A run that is replayed or resumed from a stored snapshot works on other data than the original run.",
    recommendation="Write and read every field of the record, with full precision and its type.",
)


def cases():
    need("stageflow.context:ContextSnapshot.from_dict")
    return tuple(
        Case(
            f"{name.rpartition(':')[2]} {filling}",
            {"record": name, "filling": filling},
            component=name.replace(":", "."),
            title=f"{name.rpartition(':')[2]} does not survive its own serialization",
        )
        for name in dataclasses_of("stageflow.context", goes_both_ways)
        for filling in ("default", "smallest", "filled")
    )


@promised
def scenario(params):
    found = round_trip_difference(need(params["record"]), params["filling"])
    expect(not found, "the record comes back equal in every field and type", found)


def control(params):
    original = build(need(params["record"]), params["filling"])
    found = difference(original, copy.deepcopy(original))
    expect(not found, "a copy is equal in every field and type", found)
