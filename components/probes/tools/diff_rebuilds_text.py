"""The unified diff of two texts makes the new one of the old one."""

from difflib import unified_diff

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import new_side

PROBE = Probe(
    title="diff_text() writes a diff that does not lead to the new text",
    claim="Applying the unified diff to the old text gives the new text.",
    source="docs/api/tools.md#diff_text",
    component="stageflow.tools.diff_text",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Edits recorded as diffs cannot be replayed or undone.",
    recommendation="Write what difflib gives, line by line.",
)

TEN = "".join(f"line {number}\n" for number in range(10))
CASES = (
    Case("one line more", {"old": "a\nc\n", "new": "a\nb\nc\n"}),
    Case("one line less", {"old": "a\nb\nc\n", "new": "a\nc\n"}),
    Case("changed first line", {"old": "a\nb\n", "new": "x\nb\n"}),
    Case("two places far apart", {"old": TEN, "new": "first\n" + TEN.replace("line 8\n", "changed\n")}),
    Case("from nothing", {"old": "", "new": "a\nb\n"}),
    Case("to nothing", {"old": "a\nb\n", "new": ""}),
    Case("no context", {"old": TEN, "new": TEN.replace("line 4\n", ""), "context": 0}),
    Case("equal", {"old": TEN, "new": TEN}),
)


def rebuilt(old, diff):
    try:
        return new_side(old, diff)
    except ValueError as error:
        raise Violation("the diff fits the old text", str(error)) from error


def scenario(params):
    options = {"context_lines": params["context"]} if "context" in params else {}
    found = need("stageflow.tools:diff_text")(params["old"], params["new"], **options)
    expect_equal(rebuilt(params["old"], found.diff_output), params["new"], "old text after the diff")


def control(params):
    lines = (params["old"].splitlines(keepends=True), params["new"].splitlines(keepends=True))
    expect_equal(rebuilt(params["old"], "".join(unified_diff(*lines, "a", "b"))), params["new"], "old text after difflib's diff")
