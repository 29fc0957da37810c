"""A long chain of stages can be linted."""

from components.lab.dag_kit import plain_pipeline, raised_by
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="lint_pipeline raises RecursionError on a long chain of stages",
    claim="A pipeline without issues lints as valid, whatever its depth.",
    source="docs/api/cli.md#lint_pipeline",
    component="stageflow.cli.lint.lint_pipeline",
    subsystem="lint",
    category="scalability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Generated chains of about a thousand stages, which build and run, cannot be linted.",
    recommendation="Search for cycles with an explicit stack.",
    workaround="Use Pipeline.build() as the check, with dependencies declared first.",
    seconds=60.0,
)

CASES = (Case("50 stages", {"stages": 50}), Case("2500 stages", {"stages": 2500}))


async def body(ctx):
    return {}


def scenario(params):
    lint = need("stageflow.cli.lint:lint_pipeline")
    chain = plain_pipeline([(f"s{n}", [f"s{n - 1}"] if n else []) for n in range(params["stages"])], body)
    expect_equal(raised_by(lambda: lint(chain)), "nothing", f"what linting a chain of {params['stages']} stages raises")


def control(params):
    def search():
        left = {n: {n - 1} - {-1} for n in range(params["stages"])}
        for n in range(params["stages"]):
            assert not left[n] - set(range(n))

    expect_equal(raised_by(search), "nothing", f"what checking a chain of {params['stages']} steps raises")
