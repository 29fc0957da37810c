"""The guard runs every check in order on the transformed text and reports all that was found."""

from components.lab.flow import RecordingSink, context, graph, outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="GuardrailStage leaves out a check or what it found",
    claim=(
        "Every check runs once in order, each on the text as transformed so far; the output lists all violations and the number of checks."
    ),
    source="docstring:stageflow.helpers.GuardrailStage",
    component="stageflow.helpers.GuardrailStage",
    subsystem="guardrails",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="A violation hides behind another.",
    recommendation="Collect the violations of all checks.",
)

CASES = (
    Case("no violation", {"finds": [0, 0, 0], "transform": True}),
    Case("first finds", {"finds": [1, 0, 0], "transform": True}),
    Case("all find", {"finds": [1, 2, 1], "transform": True}),
    Case("no transformations", {"finds": [0, 1, 0], "transform": False}),
)


class Marker:
    """Finds as many violations as told and appends its number to the text."""

    def __init__(self, number, finds, heard):
        self.number, self.finds, self.heard = number, finds, heard

    def check(self, content, context=None):
        self.heard.append(content)
        kind = need("stageflow.helpers.guardrails:ViolationType").CUSTOM
        violation = need("stageflow.helpers.guardrails:PolicyViolation")
        found = [violation(type=kind, message=f"{self.number}.{index}") for index in range(self.finds)]
        result = need("stageflow.helpers.guardrails:GuardrailResult")
        return result(passed=not found, violations=found, transformed_content=f"{content}{self.number}")


def wanted(params):
    finds, changes = params["finds"], params["transform"]
    heard = ["text" + "".join(str(n) for n in range(number) if changes) for number in range(len(finds))]
    messages = [f"{number}.{index}" for number, count in enumerate(finds) for index in range(count)]
    text = heard[-1] + str(len(finds) - 1) if changes else None
    return [heard, messages, not messages, len(finds), text, sum(count > 0 for count in finds)]


@promised
async def scenario(params):
    heard, sink = [], RecordingSink()
    checks = [Marker(number, finds, heard) for number, finds in enumerate(params["finds"])]
    config = need("stageflow.helpers:GuardrailConfig")(fail_on_violation=False, transform_content=params["transform"])
    guard = need("stageflow.helpers:GuardrailStage")(checks, config)
    pipe = need("stageflow:Pipeline")().with_stage("guard", guard, need("stageflow:StageKind").GUARD)
    results, _ = await outcome(graph(pipe, []).run(context(input_text="text", event_sink=sink)))
    data = results["guard"].data
    messages = [violation["message"] for violation in data["violations"]]
    events = len(sink.of("guardrail.violations_detected"))
    seen = [heard, messages, data["guardrail_passed"], data["checks_run"], data.get("transformed_content"), events]
    expect_equal(seen, wanted(params), "texts given, violations, passed, checks run, transformed text, events")


async def control(params):
    text, heard = "text", []
    for number in range(len(params["finds"])):
        heard.append(text)
        text += str(number) if params["transform"] else ""
    expect_equal(heard, wanted(params)[0], "texts given by a loop")
