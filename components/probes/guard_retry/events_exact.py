"""Guard retries report each attempt, each scheduled retry and how it ended, in order."""

from components.lab.dag_kit import ending, guarded_graph
from components.lab.flow import RecordingSink, context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Guard retry events are missing, doubled or out of order",
    claim="Every refusal emits guard_retry.attempt, every retry guard_retry.scheduled, the end guard_retry.recovered or exhausted.",
    source="docs/examples/agent-tools.md#guard-retry-cookbook",
    component="stageflow.pipeline.guard_retry.GuardRetryStrategy",
    subsystem="guard_retry",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Dashboards of correction loops miscount attempts.",
    recommendation="Emit each event once at its place in the retry branch.",
    virtual_time=True,
)

CASES = (
    Case("accepted at once", {"accept": 1, "expected": []}),
    Case(
        "accepted at the third attempt", {"accept": 3, "expected": ["attempt 1", "scheduled 1", "attempt 2", "scheduled 2", "recovered 2"]}
    ),
    Case("exhausted", {"accept": 9, "expected": ["attempt 1", "scheduled 1", "attempt 2", "scheduled 2", "attempt 3", "exhausted 3"]}),
)


async def scenario(params):
    output = need("stageflow:StageOutput")
    sink, made = RecordingSink(), []

    async def make(ctx):
        made.append(1)
        return {}

    async def guard(ctx):
        return output.ok() if len(made) >= params["accept"] else output.fail(error="no", data={"n": len(made)})

    policy = {"retry_stage": "make", "max_attempts": 3}
    rows = [("make", make), ("guard", guard, ["make"], "guard")]
    await ending(guarded_graph(rows, {"guard": policy}).run(context(event_sink=sink)))
    prefix = "guard_retry."
    seen = [f"{kind.removeprefix(prefix)} {data.get('attempt') or data.get('attempts')}" for kind, data in sink.events if prefix in kind]
    expect_equal(seen, list(params["expected"]), "guard_retry events with the attempt's number")


async def control(params):
    seen = []
    for attempt in range(1, min(params["accept"], 4)):
        seen += [f"attempt {attempt}", f"scheduled {attempt}" if attempt < 3 else f"exhausted {attempt}"]
    if 1 < params["accept"] <= 3:
        seen.append(f"recovered {params['accept'] - 1}")
    expect_equal(seen, list(params["expected"]), "guard_retry events with the attempt's number")
