"""A check that breaks down does not let the content through."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A guardrail lets content through when one of its checks raises",
    claim="Any failure of a guard blocks: an exception in a check fails the run before the next stage.",
    source="docs/advanced/guard-security.md#fail-closed-default",
    component="stageflow.helpers.GuardrailStage.execute",
    subsystem="guardrails",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="An attacker only has to make a check crash.",
    recommendation="Let exceptions of checks fail the stage.",
)

CASES = (
    Case("ValueError", {"error": "ValueError", "fail_on_violation": True}),
    Case("TimeoutError", {"error": "TimeoutError", "fail_on_violation": True}),
    Case("also when violations are let go", {"error": "ValueError", "fail_on_violation": False}),
)
ERRORS = {"ValueError": ValueError, "TimeoutError": TimeoutError}


class Broken:
    """A check that raises."""

    def __init__(self, error):
        self.error = error

    def check(self, content, context=None):
        raise ERRORS[self.error]("broken")


@promised
async def scenario(params):
    config = need("stageflow.helpers:GuardrailConfig")(fail_on_violation=params["fail_on_violation"])
    guard = need("stageflow.helpers:GuardrailStage")([Broken(params["error"])], config)
    pipe = need("stageflow:Pipeline")().with_stage("guard", guard, need("stageflow:StageKind").GUARD)
    _, error = await outcome(graph(pipe, []).run(context(input_text="hello")))
    expect_equal("failed" if error else "passed", "failed", "end of the run")


async def control(params):
    async def guard(ctx):
        Broken(params["error"]).check("hello")

    _, error = await outcome(graph(pipeline(("guard", guard)), []).run(context(input_text="hello")))
    expect_equal("failed" if error else "passed", "failed", "end of a run with a raising stage")
