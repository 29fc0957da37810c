"""The context format leaves the lines of the texts as they are."""

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="DiffType.CONTEXT gives a unified diff with every @@ in the text replaced by ****",
    claim="A diff in any format shows the lines of the texts unchanged.",
    source="docs/api/tools.md#difftype",
    component="stageflow.tools.diff_text",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Reviewers see other content than what is stored, in a format that is neither a context nor a unified diff.",
    recommendation="Use difflib.context_diff for DiffType.CONTEXT.",
    workaround="Use DiffType.UNIFIED.",
    cause="stageflow.tools.diff:diff_text #context",
)

CASES = (Case("text with @@", {"line": "mail me @@ home"}),)


def shown(kind, line):
    diff_type = getattr(need("stageflow.tools:DiffType"), kind)
    found = need("stageflow.tools:diff_text")("a\n", f"a\n{line}\n", diff_type=diff_type)
    expect(line in found.diff_output, f"the diff shows the added line {line!r}", "the line was changed")


def scenario(params):
    shown("CONTEXT", params["line"])


def control(params):
    shown("UNIFIED", params["line"])
