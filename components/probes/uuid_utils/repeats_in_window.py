"""A value is reported as a collision exactly when it is among the last observations."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="UuidCollisionMonitor forgets a repeated value: after its first sighting leaves the window, the later ones are overlooked",
    claim="observe() returns True when the value was recorded within the window of the last max_entries observations.",
    source="docstring:stageflow.helpers.uuid_utils.UuidCollisionMonitor.observe",
    component="stageflow.helpers.UuidCollisionMonitor.observe",
    subsystem="uuid_utils",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Exactly the ids that are reused again and again, the suspicious ones, stop being reported.",
    recommendation="Count occurrences per value, or keep its last time, instead of a set that the oldest entry empties.",
    workaround="Keep the values seen in a set of your own.",
    cause="stageflow.helpers.uuid_utils:UuidCollisionMonitor._trim",
)

CASES = (
    Case("new-values", {"window": 3, "values": "abcdef"}),
    Case("repeat-in-window", {"window": 3, "values": "abab"}),
    Case("repeat-after-window", {"window": 3, "values": "abcda"}),
    Case("window-of-one", {"window": 1, "values": "aabba"}),
    Case("repeat-of-a-repeat", {"window": 2, "values": "aaba"}),
    Case("steady-repeats", {"window": 4, "values": "aaaaaaaa"}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def wanted(params):
    values, window = params["values"], params["window"]
    return [value in values[max(0, place - window) : place] for place, value in enumerate(values)]


@promised
def scenario(params):
    monitor = need("stageflow.helpers:UuidCollisionMonitor")(max_entries=params["window"])
    seen = [monitor.observe(uuid.UUID(int=ord(value))) for value in params["values"]]
    expect_equal(seen, wanted(params), f"collisions of {params['values']} in a window of {params['window']}")


def control(params):
    last, seen = [], []
    for value in params["values"]:
        seen.append(value in last)
        last = [*last, value][-params["window"] :]
    expect_equal(seen, wanted(params), "collisions found with a plain list")
