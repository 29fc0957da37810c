"""A check that says the content did not pass makes the guard fail."""

from components.lab.flow import context, graph, outcome
from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="GuardrailStage passes content that a check refused without listing a violation",
    claim="guardrail_passed says whether all checks passed: a check with passed=False fails the guard, also when it lists no violation.",
    source="docstring:stageflow.helpers.guardrails.GuardrailStage",
    component="stageflow.helpers.GuardrailStage.execute",
    subsystem="guardrails",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=False,
    impact="Custom checks that only answer passed=False protect nothing.",
    recommendation="Let the stage pass only when every check's result passed.",
    workaround="Always add a PolicyViolation to a failed result.",
    cause="stageflow.helpers.guardrails:GuardrailStage.execute #verdict",
)

CASES = (Case("no violation listed", {"violations": 0}),)


class Refuse:
    """A check that refuses everything."""

    def __init__(self, violations):
        self.violations = violations

    def check(self, content, context=None):
        kind = need("stageflow.helpers.guardrails:ViolationType").CUSTOM
        found = [need("stageflow.helpers.guardrails:PolicyViolation")(type=kind, message="no") for _ in range(self.violations)]
        return need("stageflow.helpers.guardrails:GuardrailResult")(passed=False, violations=found)


async def fails(violations):
    config = need("stageflow.helpers:GuardrailConfig")(fail_on_violation=True)
    guard = need("stageflow.helpers:GuardrailStage")([Refuse(violations)], config)
    pipe = need("stageflow:Pipeline")().with_stage("guard", guard, need("stageflow:StageKind").GUARD)
    _, error = await outcome(graph(pipe, []).run(context(input_text="hello")))
    expect(error is not None, "the guard fails", "the guard passed")


@promised
async def scenario(params):
    await fails(params["violations"])


async def control(params):
    await fails(1)
