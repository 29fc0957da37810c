"""A guardrail with a violation stops the pipeline unless it is told to let go."""

from components.lab.flow import RecordingSink, context, graph, outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A guardrail with a violation does not stop the pipeline",
    claim=(
        "By default a violation fails the run before the next stage; with fail_on_violation=False it goes on and an audit event is emitted."
    ),
    source="docs/advanced/guard-security.md#fail-closed-vs-fail-open",
    component="stageflow.helpers.GuardrailConfig",
    subsystem="guardrails",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Content that the policy forbids reaches model and users.",
    recommendation="Make failing the default.",
)

CASES = (
    Case("violation, default", {"text": "mail ann@example.org", "options": {}, "want": ["failed", 0, 0]}),
    Case("violation, fail", {"text": "mail ann@example.org", "options": {"fail_on_violation": True}, "want": ["failed", 0, 0]}),
    Case("violation, let go", {"text": "mail ann@example.org", "options": {"fail_on_violation": False}, "want": ["ok", 1, 1]}),
    Case("clean", {"text": "hello", "options": {}, "want": ["ok", 1, 0]}),
    Case("below the threshold", {"text": "mail ann@example.org", "options": {"violation_threshold": 0.81}, "want": ["ok", 1, 0]}),
    Case("at the threshold", {"text": "mail ann@example.org", "options": {"violation_threshold": 0.8}, "want": ["failed", 0, 0]}),
)


@promised
async def scenario(params):
    if params["want"][2]:
        need("stageflow.helpers.guardrails:GuardrailStage._emit_fail_open_audit")
    ran, sink = [], RecordingSink()

    class After:
        name = "after"
        kind = need("stageflow:StageKind").TRANSFORM

        async def execute(self, ctx):
            ran.append("run")

    config = need("stageflow.helpers:GuardrailConfig")(**params["options"]) if params["options"] else None
    guard = need("stageflow.helpers:GuardrailStage")([need("stageflow.helpers:PIIDetector")()], config)
    pipe = need("stageflow:Pipeline")().with_stage("guard", guard, need("stageflow:StageKind").GUARD)
    pipe = pipe.with_stage("after", After(), After.kind, dependencies=("guard",))
    _, error = await outcome(graph(pipe, []).run(context(input_text=params["text"], event_sink=sink)))
    seen = ["failed" if error else "ok", len(ran), len(sink.of("guardrail.fail_open"))]
    expect_equal(seen, list(params["want"]), "end of the run, runs of the next stage, guardrail.fail_open events")


def control(params):
    severe = "@" in params["text"] and params["options"].get("violation_threshold", 0.0) <= 0.8
    stops = severe and params["options"].get("fail_on_violation", True)
    seen = ["failed", 0, 0] if stops else ["ok", 1, int(severe)]
    expect_equal(seen, list(params["want"]), "by rule")
