"""The structured diff names exactly the fields that differ, but for those to ignore."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="diff_structured() misses or invents a changed field",
    claim="Every added, removed or changed key gives its lines, equal and ignored keys give none, and the counts agree.",
    source="docs/api/tools.md#diff_structured",
    component="stageflow.tools.diff_structured",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Audit records hide what an agent changed.",
    recommendation="Compare every key that is not ignored.",
)

CASES = (
    Case("changed", {"old": {"a": 1, "b": 2}, "new": {"a": 1, "b": 3}, "ignore": [], "want": ["add b: 3", "remove b: 2"]}),
    Case("added", {"old": {}, "new": {"a": None}, "ignore": [], "want": ["add a: None"]}),
    Case("removed", {"old": {"a": 0}, "new": {}, "ignore": [], "want": ["remove a: 0"]}),
    Case("ignored", {"old": {"id": 1, "a": 1, "x": 1}, "new": {"id": 2, "a": 1, "y": 1}, "ignore": ["id", "x", "y"], "want": []}),
    Case("equal", {"old": {"a": [1]}, "new": {"a": [1]}, "ignore": [], "want": []}),
)


def scenario(params):
    found = need("stageflow.tools:diff_structured")(dict(params["old"]), dict(params["new"]), ignore_keys=set(params["ignore"]))
    seen = sorted(f"{change.type} {change.content}" for change in found.changes)
    added = sum(line.startswith("add") for line in params["want"])
    expect_equal([seen, found.additions, found.deletions], [list(params["want"]), added, len(params["want"]) - added], "lines and counts")


def control(params):
    old, new = ({k: v for k, v in params[side].items() if k not in params["ignore"]} for side in ("old", "new"))
    seen = [f"add {k}: {v!r}" for k, v in new.items() if (k, v) not in old.items()]
    seen += [f"remove {k}: {v!r}" for k, v in old.items() if (k, v) not in new.items()]
    expect_equal(sorted(seen), list(params["want"]), "lines by comparing items")
