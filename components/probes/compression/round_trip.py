"""Applying a delta to its base gives the current value back."""

import itertools

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import canonical

PROBE = Probe(
    title="A delta does not rebuild the value it was made from",
    claim="apply_delta(base, compute_delta(base, current)) is current again, for removed, added, changed, nested and null values.",
    source="docs/advanced/hardening.md#delta-compression",
    component="stageflow.compression.compute_delta",
    subsystem="compression",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A stored context comes back incomplete or altered.",
    recommendation="Record every changed, added and removed key, null values included.",
)

VALUES = {
    "empty": {},
    "one": {"a": 1},
    "null": {"a": None},
    "falsy": {"a": 0, "b": "", "c": [], "d": {}},
    "text": {"a": "1", "b": "two"},
    "nested": {"a": {"x": [1, {"y": None}], "z": "deep"}, "b": [[], {}]},
    "nested-changed": {"a": {"x": [1, {"y": 2}], "z": "deep"}, "b": [[], {}]},
    "reserved-names": {"set": {"a": 1}, "remove": ["a"]},
    "unicode": {"ключ": "żółw 🐢", "": "no name"},
}
PAIRS = (*itertools.pairwise(VALUES), *itertools.pairwise(reversed(VALUES)), ("nested", "nested"), ("unicode", "empty"), ("null", "text"))
CASES = tuple(Case(f"{first}-to-{second}", {"base": VALUES[first], "current": VALUES[second]}) for first, second in PAIRS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.compression")
    return CASES


@promised
def scenario(params):
    compression = need("stageflow.compression")
    base, current = params["base"], params["current"]
    delta = compression.compute_delta(base, current)
    expect_equal(canonical(compression.apply_delta(base, delta)), canonical(current), "rebuilt from compute_delta")
    delta, _ = compression.compress(base, current)
    expect_equal(canonical(compression.apply_delta(base, delta)), canonical(current), "rebuilt from compress")


def control(params):
    base, current = params["base"], params["current"]
    rebuilt = {key: current[key] for key in base if key in current} | current
    expect_equal(canonical(rebuilt), canonical(current), "rebuilt by hand")
