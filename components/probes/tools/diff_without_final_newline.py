"""A diff of texts whose last line has no newline can still be read line by line."""

from difflib import unified_diff

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import new_side

PROBE = Probe(
    title="diff_text() glues the last removed and added lines together when the text has no final newline",
    claim="Applying the unified diff to the old text gives the new text, also when the last line ends without a newline.",
    source="docs/api/tools.md#diff_text",
    component="stageflow.tools.diff_text",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="An edit of the last line is shown as one line, `-draft+final` say, and the diff cannot be applied.",
    recommendation="End such lines with a newline and the marker `\\ No newline at end of file`.",
    workaround="Add a final newline to both texts.",
    cause="stageflow.tools.diff:diff_text #final-newline",
)

CASES = (
    Case("one line", {"old": "draft", "new": "final"}),
    Case("last of two lines", {"old": "a\nb", "new": "a\nc"}),
)


def rebuilt(old, diff):
    try:
        return new_side(old, diff)
    except ValueError:
        return "the diff does not fit the old text"


def scenario(params):
    found = need("stageflow.tools:diff_text")(params["old"], params["new"])
    if rebuilt(params["old"], found.diff_output) != params["new"]:
        last = found.diff_output.splitlines()[-1]
        raise Violation(f"a diff that turns {params['old']!r} into {params['new']!r}", f"its last line is {last!r}")


def control(params):
    lines = unified_diff(params["old"].splitlines(keepends=True), params["new"].splitlines(keepends=True), "a", "b")
    diff = "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    expect_equal(rebuilt(params["old"], diff), params["new"], "old text after a diff with markers")
