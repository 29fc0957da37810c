"""The number of unchanged lines is the number of lines that did not change."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="DiffResult.unchanged counts only the context lines shown, and is 0 for equal texts",
    claim="unchanged is the count of unchanged lines.",
    source="docstring:stageflow.tools.DiffResult",
    component="stageflow.tools.DiffResult.unchanged",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Statistics of edits are wrong for every text longer than a few lines.",
    recommendation="Count equal lines with SequenceMatcher instead of parsing the context of the diff.",
    workaround="Subtract deletions from the number of lines of the old text.",
    cause="stageflow.tools.diff:diff_text #unchanged",
)

CASES = (
    Case("20 equal lines", {"lines": 20, "change": None}),
    Case("one of 20 changed", {"lines": 20, "change": 10}),
)


def unchanged(params, **options):
    old = [f"line {number}\n" for number in range(params["lines"])]
    new = [f"changed {number}\n" if number == params["change"] else line for number, line in enumerate(old)]
    found = need("stageflow.tools:diff_text")("".join(old), "".join(new), **options)
    same = sum(one == other for one, other in zip(old, new, strict=True))
    expect_equal(found.unchanged, same, "unchanged lines")


def scenario(params):
    unchanged(params)


def control(params):
    unchanged(params | {"change": 0}, context_lines=params["lines"])
