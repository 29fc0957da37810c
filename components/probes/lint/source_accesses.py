"""analyze_stage_source finds every documented way to read another stage's output, with its line."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="analyze_stage_source misses accesses or names the wrong line",
    claim="Every call of get_from, require_from, get_output and has_output with a literal stage is reported with stage and line.",
    source="docstring:stageflow.cli.lint.DependencyAccessVisitor",
    component="stageflow.cli.lint.analyze_stage_source",
    subsystem="lint",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Undeclared dependencies stay undetected until run time.",
    recommendation="Visit every call node and report each match.",
)

METHODS = ("get_from", "require_from", "get_output", "has_output")
CASES = (
    *(
        Case(name, {"text": f"async def f(ctx):\n    x = 1\n    return ctx.inputs.{name}('a', 'k')\n", "found": [["a", 3]]})
        for name in METHODS
    ),
    Case("nested calls", {"text": "f(inputs.get_from('a', inputs.require_from('b', 'k')))\n", "found": [["a", 1], ["b", 1]]}),
    Case("same stage twice", {"text": "inputs.get_from('a', 'k')\ninputs.get_output('a')\n", "found": [["a", 1], ["a", 2]]}),
    Case("other calls", {"text": "inputs.get('k')\ndata.get_from_cache('a')\n", "found": []}),
)


def scenario(params):
    found = need("stageflow.cli.lint:analyze_stage_source")(params["text"])
    expect_equal(sorted([name, line] for name, line in found), params["found"], "[stage, line] of each access")


def control(params):
    found = []
    for number, line in enumerate(params["text"].splitlines(), start=1):
        for method in METHODS:
            found += [[piece[1], number] for piece in line.split(f".{method}(")[1:]]
    expect_equal(sorted(found), params["found"], "[stage, line] of each access")
