"""An analytics event comes back from `to_dict`, JSON and `from_dict` as it was."""

import copy

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, difference, promised, round_trip_difference

PROBE = Probe(
    title="An analytics event does not survive its own serialization",
    claim="AnalyticsEvent.from_dict reads what to_dict writes: all fields, values and types.",
    source="invariant:round trip",
    component="stageflow.helpers.AnalyticsEvent",
    subsystem="analytics",
    category="correctness",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events read back from the file are not those that were written.",
    recommendation="Write and read every field, with full precision and its type.",
)

CASES = tuple(Case(filling, {"filling": filling}) for filling in ("default", "smallest", "filled"))


@promised
def scenario(params):
    found = round_trip_difference(need("stageflow.helpers:AnalyticsEvent"), params["filling"])
    expect(not found, "the event comes back equal in every field and type", found)


def control(params):
    original = build(need("stageflow.helpers:AnalyticsEvent"), params["filling"])
    found = difference(original, copy.deepcopy(original))
    expect(not found, "a copy is equal in every field and type", found)
