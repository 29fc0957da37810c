"""An access with the stage's name given as a keyword is found as well."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="analyze_stage_source does not see accesses whose stage is passed as stage_name=…",
    claim="Calls of get_from(stage_name, …) and its siblings are detected, whichever way the argument is passed.",
    source="docstring:stageflow.cli.lint.DependencyAccessVisitor",
    component="stageflow.cli.lint.DependencyAccessVisitor",
    subsystem="lint",
    category="silent_failures",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Undeclared dependencies stay undetected because of a spelling that works at run time.",
    recommendation="Look for the keyword stage_name as well in visit_Call.",
)

CASES = (
    Case("positional", {"text": "inputs.get_from('a', 'k')\n"}),
    Case("keyword", {"text": "inputs.get_from(stage_name='a', key='k')\n"}),
)


def scenario(params):
    found = need("stageflow.cli.lint:analyze_stage_source")(params["text"])
    expect_equal([name for name, _ in found], ["a"], "stages that the source reads from")


def control(params):
    expect_equal(["a"] if "get_from(" in params["text"] and "'a'" in params["text"] else [], ["a"], "stages that the source reads from")
