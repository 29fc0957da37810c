"""A delta holds the changed and removed keys, and nothing else."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A delta carries unchanged keys or repeats removals",
    claim="The delta describes the changes between the two objects: what did not change is not in it.",
    source="docstring:stageflow.compression.compute_delta",
    component="stageflow.compression.compute_delta",
    subsystem="compression",
    category="performance",
    type="performance",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Compression saves nothing.",
    recommendation="Compare key by key and leave out equal values.",
)

BASE = {"kept": [1, 2, {"x": None}], "changed": {"a": 1}, "gone": "x", "null": None}
CASES = (
    Case("same", {"current": BASE, "set": [], "remove": []}),
    Case("changed", {"current": BASE | {"changed": {"a": 2}}, "set": ["changed"], "remove": []}),
    Case("null-to-value", {"current": BASE | {"null": 0}, "set": ["null"], "remove": []}),
    Case("removed", {"current": {"kept": [1, 2, {"x": None}], "changed": {"a": 1}}, "set": [], "remove": ["gone", "null"]}),
    Case(
        "all", {"current": {"kept": [1, 2, {"x": None}], "new": 1, "changed": None}, "set": ["changed", "new"], "remove": ["gone", "null"]}
    ),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.compression")
    return CASES


@promised
def scenario(params):
    delta = need("stageflow.compression:compute_delta")(BASE, params["current"])
    seen = {"set": sorted(delta.get("set", {})), "remove": sorted(delta.get("remove", [])), "other": sorted(set(delta) - {"set", "remove"})}
    expect_equal(seen, {"set": params["set"], "remove": params["remove"], "other": []}, "keys in the delta")


def control(params):
    current = params["current"]
    changed = sorted(key for key in current if key not in BASE or BASE[key] != current[key])
    expect_equal([changed, sorted(set(BASE) - set(current))], [params["set"], params["remove"]], "keys by plain comparison")
