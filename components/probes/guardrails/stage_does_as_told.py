"""A guardrail stage hands its checks what they need, follows its settings and reports all that they found."""

import uuid

from components.lab.flow import RecordingSink, status_of
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="A guardrail stage ignores a setting or drops part of what its checks found",
    claim="The stage runs all checks in order with user and session, on the text as transformed so far, logs when told to, and lists all.",
    source="docstring:stageflow.helpers.guardrails.GuardrailStage",
    component="stageflow.helpers.GuardrailStage.execute",
    subsystem="guardrails",
    category="security",
    type="bug",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="A policy is not applied as configured, or its audit lacks entries.",
    recommendation="Follow each setting, and pass every finding on.",
)


class Check:
    """Finds what it is told to; keeps what it was asked."""

    def __init__(self, *severities, gives=None):
        self.severities, self.gives, self.asked = severities, gives, []

    def check(self, content, context=None):
        self.asked.append([content, dict(context or {})])
        helpers = need("stageflow.helpers")
        kind = need("stageflow.helpers.guardrails:ViolationType").CUSTOM
        found = [helpers.PolicyViolation(type=kind, message=f"m{severity}", severity=severity) for severity in self.severities]
        return helpers.GuardrailResult(passed=not found, violations=found, transformed_content=self.gives)


class OtherCheck(Check):
    """The same under another name."""


async def execution(checks, config=None, text="hello", **options):
    """(output, sink, context) of one execution."""
    sink = RecordingSink()
    make = need("stageflow.testing:create_test_stage_context")
    ctx = make(input_text=text, event_sink=sink, **options)
    settings = need("stageflow.helpers:GuardrailConfig")(**config) if config is not None else None
    return await need("stageflow.helpers:GuardrailStage")(checks, settings).execute(ctx), sink, ctx


def severities(rows):
    return [row["severity"] for row in rows]


async def asked_with_ids():
    check = Check()
    user, session = uuid.uuid4(), uuid.uuid4()
    await execution([check], user_id=user, session_id=session)
    wanted = {"user_id": str(user), "session_id": str(session)}
    return [len(check.asked), check.asked[0][0], {name: check.asked[0][1].get(name) for name in wanted} == wanted]


async def chained():
    first, second = Check(gives="better"), Check()
    output, _, _ = await execution([first, second])
    return [second.asked[0][0], output.data.get("transformed_content"), status_of(output)]


async def not_transformed():
    first, second = Check(gives="better"), Check()
    output, _, _ = await execution([first, second], {"transform_content": False})
    return [second.asked[0][0], "transformed_content" in output.data]


async def all_found():
    output, _, _ = await execution([Check(0.9, 0.1), Check(), Check(0.5)])
    return [status_of(output), severities(output.data["violations"]), output.data["guardrail_passed"], output.data["checks_run"]]


async def passed():
    output, sink, _ = await execution([Check(), Check()])
    return [status_of(output), output.data["violations"], output.data["guardrail_passed"], output.data["checks_run"], len(sink.events)]


async def threshold():
    output, sink, _ = await execution([Check(0.2, 0.5, 0.9)], {"violation_threshold": 0.5})
    return [severities(output.data["violations"]), [severities(data["violations"]) for data in sink.of("violations_detected")]]


async def logged():
    _, sink, _ = await execution([Check(0.9, 0.1), Check(), OtherCheck(0.5)])
    return [[kind, data["check"], severities(data["violations"])] for kind, data in sink.events]


async def not_logged():
    output, sink, _ = await execution([Check(0.9)], {"log_violations": False})
    return [status_of(output), len(sink.of("violations_detected"))]


async def let_go():
    output, sink, ctx = await execution([Check(0.9), Check(0.5)], {"fail_on_violation": False, "log_violations": False}, stage_name="gate")
    rows = sink.of("fail_open")
    known = {"stage": "gate", "pipeline_run_id": str(ctx.pipeline_run_id), "request_id": str(ctx.request_id)}
    right = [{name: row.get(name) for name in known} == known for row in rows]
    told = [[row["violation_count"], row["fail_on_violation"], row["execution_mode"] == ctx.execution_mode] for row in rows]
    return [status_of(output), output.data["guardrail_passed"], right, told, [severities(row["violations"]) for row in rows]]


async def kinds():
    found = need("stageflow.helpers:GuardrailStage")([Check()])
    return [found.name, found.kind.value]


async def records():
    violation = need("stageflow.helpers:PolicyViolation")
    kind = need("stageflow.helpers.guardrails:ViolationType").PROFANITY
    made = violation(type=kind, message="m", severity=0.25, metadata={"k": 0}, location=(1, 2))
    one = need("stageflow.helpers:GuardrailResult")(passed=False, violations=[made], transformed_content="", metadata={"n": 0})
    row = {"type": "profanity", "message": "m", "severity": 0.25, "metadata": {"k": 0}, "location": (1, 2)}
    return one.to_dict() == {"passed": False, "violations": [row], "transformed_content": "", "metadata": {"n": 0}}


FACTS = {
    "text and ids for the check": (asked_with_ids, [1, "hello", True]),
    "transformed text for the next check": (chained, ["better", "better", "ok"]),
    "transform_content off": (not_transformed, ["hello", False]),
    "violations of all checks": (all_found, ["fail", [0.9, 0.1, 0.5], False, 3]),
    "all passed": (passed, ["ok", [], True, 2, 0]),
    "violation_threshold": (threshold, [[0.5, 0.9], [[0.5, 0.9]]]),
    "violations logged": (
        logged,
        [["guardrail.violations_detected", "Check", [0.9, 0.1]], ["guardrail.violations_detected", "OtherCheck", [0.5]]],
    ),
    "log_violations off": (not_logged, ["fail", 0]),
    "fail_on_violation off": (let_go, ["ok", False, [True], [[2, False, True]], [[0.9, 0.5]]]),
    "name and kind": (kinds, ["guardrail", "guard"]),
    "record": (records, True),
}
CASES = tuple(Case(name, {"fact": name}) for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers"), need("stageflow.testing")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
async def scenario(params):
    if params["fact"] == "fail_on_violation off":
        need("stageflow.helpers.guardrails:GuardrailStage._emit_fail_open_audit")
    try:
        judge(await FACTS[params["fact"]][0](), params["fact"])
    except KeyError as error:
        raise Violation("every part of the answer", f"no {error}") from None


async def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, "other", params["fact"]), "Violation", "verdict on another answer")
