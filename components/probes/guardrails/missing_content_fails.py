"""A guardrail that does not find its content does not wave the pipeline through."""

from components.lab.flow import FunctionStage, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="GuardrailStage with a missing or misspelt content_key skips all checks and lets the pipeline go on",
    claim="Guards fail closed: content that could not be checked does not reach the next stage.",
    source="docs/advanced/guard-security.md#fail-closed-default",
    component="stageflow.helpers.GuardrailStage.execute",
    subsystem="guardrails",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=False,
    impact="One renamed output key switches off the guard, and only a skip status shows it.",
    recommendation="Fail when content_key is given and its value is not among the inputs.",
    workaround="Test that the guard fails on known bad content in the assembled pipeline.",
    cause="stageflow.helpers.guardrails:GuardrailStage.execute #missing-content",
)

CASES = (
    Case("misspelt key", {"key": "txt"}),
    Case("key of another case", {"key": "Text"}),
)


async def next_runs(key):
    ran = []

    async def write(ctx):
        return {"text": "my number is 123-45-6789"}

    async def publish(ctx):
        ran.append("run")

    config = need("stageflow.helpers:GuardrailConfig")(fail_on_violation=True)
    guard = need("stageflow.helpers:GuardrailStage")([need("stageflow.helpers:PIIDetector")()], config, content_key=key)
    kinds = need("stageflow:StageKind")
    pipe = pipeline(("write", write)).with_stage("guard", guard, kinds.GUARD, dependencies=("write",))
    pipe = pipe.with_stage("publish", FunctionStage("publish", publish, kinds.WORK), kinds.WORK, dependencies=("guard",))
    await outcome(graph(pipe, []).run(context(input_text="hello")))
    expect(not ran, "the next stage does not run on unchecked content", "it ran")


@promised
async def scenario(params):
    await next_runs(params["key"])


async def control(params):
    await next_runs("text")
