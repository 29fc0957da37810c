"""The structured diff shows every changed field in its text, and how similar the compared records are."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="diff_structured() shows something else than what changed",
    claim="Its text has one line with - or + for each change, its kind is LINE_BY_LINE, and equal records have a similarity of 1.",
    source="docs/guides/tools.md#structured-dict-diff",
    component="stageflow.tools.diff_structured",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The change that a user confirms is not the one that is made.",
    recommendation="Write each change with the sign of its kind.",
)

CASES = (
    Case("equal", {"old": {"a": 1}, "new": {"a": 1}, "ignore": [], "lines": [], "similar": [1.0, 1.0]}),
    Case("changed", {"old": {"a": 1}, "new": {"a": 2}, "ignore": [], "lines": ["+ a: 2", "- a: 1"], "similar": [0.5, 0.99]}),
    Case(
        "added and removed",
        {"old": {"a": 1, "b": "x"}, "new": {"a": 1, "c": None}, "ignore": [], "lines": ["+ c: None", "- b: 'x'"], "similar": [0.3, 0.99]},
    ),
    Case(
        "ignored, but another changed",
        {"old": {"i": 1, "a": 1}, "new": {"i": 2, "a": 2}, "ignore": ["i"], "lines": ["+ a: 2", "- a: 1"], "similar": [0.3, 0.99]},
    ),
)


def scenario(params):
    try:
        found = need("stageflow.tools:diff_structured")(dict(params["old"]), dict(params["new"]), ignore_keys=set(params["ignore"]) or None)
    except Exception as error:
        raise Violation("a diff", f"{type(error).__name__} raised") from error
    lines = found.diff_output.splitlines()
    expect_equal([lines[:2], sorted(lines[2:])], [["--- old", "+++ new"], list(params["lines"])], "header, lines of the diff")
    low, high = params["similar"]
    seen = [found.diff_type.value, found.has_changes, low <= found.similarity <= high]
    expect_equal(seen, ["line_by_line", bool(params["lines"]), True], f"kind, has_changes, similarity from {low} to {high}")


def control(params):
    lines = [f"+ {key}: {value!r}" for key, value in params["new"].items() if (key, value) not in params["old"].items()]
    lines += [f"- {key}: {value!r}" for key, value in params["old"].items() if (key, value) not in params["new"].items()]
    kept = [line for line in lines if line.split()[1].rstrip(":") not in params["ignore"]]
    expect_equal(sorted(kept), list(params["lines"]), "lines by comparing the items")
