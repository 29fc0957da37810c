"""The lint result counts the stages and the declared dependencies."""

from components.lab.dag_kit import plain_pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="dependency_count of a lint result counts distinct dependency names, not declared dependencies",
    claim="dependency_count is the total number of declared dependencies.",
    source="docs/api/cli.md#dependencylintresult",
    component="stageflow.cli.lint.DependencyLintResult.dependency_count",
    subsystem="lint",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The linter's report understates the size of every graph that fans out.",
    recommendation="Sum len(spec.dependencies) over the stages.",
    cause="stageflow.cli.lint:lint_pipeline #dependency-count",
)

CASES = (
    Case("chain", {"rows": [["a", []], ["b", ["a"]], ["c", ["b"]]], "dependencies": 2}),
    Case("diamond", {"rows": [["a", []], ["b", ["a"]], ["c", ["a"]], ["d", ["b", "c"]]], "dependencies": 4}),
    Case("fan-out", {"rows": [["a", []], ["b", ["a"]], ["c", ["a"]], ["d", ["a"]]], "dependencies": 3}),
)


async def body(ctx):
    return {}


def scenario(params):
    result = need("stageflow.cli.lint:lint_pipeline")(plain_pipeline(params["rows"], body))
    seen = [result.stage_count, result.dependency_count]
    expect_equal(seen, [len(params["rows"]), params["dependencies"]], "[stages, declared dependencies]")


def control(params):
    seen = [len(params["rows"]), sum(len(after) for _, after in params["rows"])]
    expect_equal(seen, [len(params["rows"]), params["dependencies"]], "[stages, declared dependencies]")
