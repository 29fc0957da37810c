"""Equal frozen dicts have equal hashes."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Equal FrozenDicts can have different hashes",
    claim="Objects that compare equal have the same hash.",
    source="invariant:hash agrees with equality",
    component="stageflow.utils.frozen.FrozenDict",
    subsystem="frozen",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A cache or set keyed by frozen context data misses entries that are there.",
    recommendation="Hash frozenset(self._data.items()) instead of items sorted by str(key).",
)

CASES = (
    Case("text-keys", {"items": [["a", 1], ["b", 2], ["c", 3]]}),
    Case("number-keys", {"items": [[10, "x"], [9, "y"]]}),
)


def check(make, items):
    first, second = make(dict(items)), make(dict(reversed(items)))
    expect_equal(first == second, True, "equal whatever the insertion order")
    expect_equal(hash(first) == hash(second), True, "the same hash")


def scenario(params):
    check(need("stageflow.utils.frozen:FrozenDict"), [tuple(item) for item in params["items"]])


def control(params):
    check(lambda rows: frozenset(rows.items()), [tuple(item) for item in params["items"]])
