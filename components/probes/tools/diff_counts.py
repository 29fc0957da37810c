"""Additions and deletions of a text diff are counted as they are, with their line numbers."""

from difflib import ndiff

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="diff_text() miscounts added or removed lines",
    claim=(
        "additions and deletions are the numbers of added and removed lines, has_changes and change_summary agree, and line "
        "numbers are right."
    ),
    source="docstring:stageflow.tools.DiffResult",
    component="stageflow.tools.diff_text",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Reviewers are told that nothing changed when something did.",
    recommendation="Count from difflib's operations instead of parsing the text of the diff.",
)

CASES = (
    Case("added", {"old": ["a", "c"], "new": ["a", "b", "c"]}),
    Case("removed", {"old": ["a", "b", "c"], "new": ["a", "c"]}),
    Case("changed", {"old": ["a", "b", "c"], "new": ["a", "x", "c"]}),
    Case("all new", {"old": [], "new": ["a", "b"]}),
    Case("all gone", {"old": ["a", "b"], "new": []}),
    Case("equal", {"old": ["a", "b"], "new": ["a", "b"]}),
    Case("far apart", {"old": [str(n) for n in range(30)], "new": ["x", *(str(n) for n in range(28)), "y"]}),
)


def texts(params):
    return ["".join(f"{line}\n" for line in params[side]) for side in ("old", "new")]


def wanted(params):
    rows = [row for row in ndiff(params["old"], params["new"]) if row[0] in "+-"]
    return [sum(row[0] == sign for row in rows) for sign in "+-"]


def scenario(params):
    found = need("stageflow.tools:diff_text")(*texts(params))
    added, removed = wanted(params)
    parts = ([f"+{added}"] if added else []) + ([f"-{removed}"] if removed else [])
    placed = all(
        params["new" if change.type == "add" else "old"][(change.line_number_new if change.type == "add" else change.line_number_old) - 1]
        == change.content.rstrip("\n")
        for change in found.changes
        if change.type in ("add", "remove")
    )
    seen = [found.additions, found.deletions, found.has_changes, found.change_summary, placed]
    want = [added, removed, bool(added or removed), " ".join(parts) or "no changes", True]
    expect_equal(seen, want, "added, removed, has_changes, summary, line numbers right")


def control(params):
    added = len([line for line in params["new"] if line not in params["old"]])
    removed = len([line for line in params["old"] if line not in params["new"]])
    expect_equal([added, removed], wanted(params), "added and removed by membership")
