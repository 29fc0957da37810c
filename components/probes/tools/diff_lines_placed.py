"""Every line of a text diff has the numbers it has in the old and the new text, and they go up."""

from components.lab.crashes import no_crash
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="diff_text() gives a changed line another number, content or kind than it has",
    claim=(
        "An added line has its number in the new text, a removed one in the old text, an equal one both; lines left out are equal; "
        "additions and deletions count the lines of their kind."
    ),
    source="docs/api/tools.md#diffline",
    component="stageflow.tools.DiffLine",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A change is shown or undone at the wrong place.",
    recommendation="Start at the numbers of each hunk's header and count old and new lines separately.",
)

CASES = (
    Case("changed", {"old": ["a", "b", "c"], "new": ["a", "x", "c"], "context": 3}),
    Case("added in front", {"old": ["a"], "new": ["x", "y", "a"], "context": 3}),
    Case("from nothing", {"old": [], "new": ["a", "b"], "context": 3}),
    Case("to nothing", {"old": ["a", "b"], "new": [], "context": 3}),
    Case("two hunks", {"old": list("abcdefghij"), "new": ["x", *"bcdefghi", "y"], "context": 1}),
    Case("added in the middle, then removed", {"old": list("abcdefgh"), "new": list("abXYcdefg"), "context": 1}),
    Case("empty lines", {"old": ["", "a", ""], "new": ["", "b", "", ""], "context": 3}),
)


def text(lines):
    return "".join(f"{line}\n" for line in lines)


def gone_over(params, changes):
    """What is wrong with the changes: the first line that is not where it says it is."""
    old, new, at = params["old"], params["new"], [0, 0]
    for change in changes:
        kind, numbers = change.type, [change.line_number_old, change.line_number_new]
        sides = {"equal": [True, True], "add": [False, True], "remove": [True, False]}.get(kind)
        if sides is None or [number is not None for number in numbers] != sides:
            return f"line of kind {kind} with wrong numbers set"
        for side, lines in enumerate((old, new)):
            number = numbers[side]
            if number is not None and not (at[side] < number <= len(lines) and f"{lines[number - 1]}\n" == change.content):
                return f"{kind} line is not number {number} of the {'new' if side else 'old'} text"
            at[side] = at[side] if number is None else number
    return None


def left_out(params, changes):
    """The lines of the two texts that the diff does not show."""
    shown = [{change.line_number_old for change in changes}, {change.line_number_new for change in changes}]
    sides = enumerate((params["old"], params["new"]))
    return [[line for number, line in enumerate(lines, 1) if number not in shown[side]] for side, lines in sides]


def scenario(params):
    with no_crash("a diff"):
        checked(params)


def checked(params):
    found = need("stageflow.tools:diff_text")(text(params["old"]), text(params["new"]), context_lines=params["context"])
    expect_equal(gone_over(params, found.changes), None, "line in another place than its number says")
    old, new = left_out(params, found.changes)
    expect_equal(old == new, True, "lines left out are equal in both texts")
    counts = [found.additions, found.deletions]
    kinds = [change.type for change in found.changes]
    expect_equal(counts, [kinds.count(kind) for kind in ("add", "remove")], "additions, deletions")
    parts = [f"{sign}{count}" for sign, count in zip("+-", counts, strict=True) if count]
    changed = params["old"] != params["new"]
    expect_equal([found.has_changes, found.change_summary], [changed, " ".join(parts) or "no changes"], "has_changes, summary")


def control(params):
    line = type("Line", (), {})
    changes = []
    for side, kind in (("old", "remove"), ("new", "add")):
        for number, content in enumerate(params[side], 1):
            made = line()
            made.type, made.content = kind, f"{content}\n"
            made.line_number_old, made.line_number_new = (number, None) if side == "old" else (None, number)
            changes.append(made)
    expect_equal([gone_over(params, changes), left_out(params, changes)], [None, [[], []]], "all lines removed, then all added")


def strategy():
    from hypothesis import strategies as st

    lines = st.lists(st.sampled_from(["a", "b", "c", "", " d", "@@ x"]), max_size=9)
    return st.fixed_dictionaries({"old": lines, "new": lines, "context": st.integers(0, 3)})
