"""Guard retry events carry the guard, its policy and, at the end, why the retries were given up."""

import asyncio

from components.lab.dag_kit import ending, guarded_graph
from components.lab.flow import RecordingSink, context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A guard retry event tells another guard, limit or reason than the one in force",
    claim="Each event names the guard; attempt, scheduled and exhausted have the policy's stage and limits, exhausted the limit reached.",
    source="docs/examples/agent-tools.md#guard-retry-cookbook",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="guard_retry",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Nobody can tell from the events why a request was retried or given up.",
    recommendation="Fill the event from the policy and the retry state.",
    virtual_time=True,
)

CASES = (
    Case("attempts used up", {"policy": {"max_attempts": 3, "stagnation_limit": 9}, "changes": True, "reason": "max_attempts"}),
    Case("no progress", {"policy": {"max_attempts": 9, "stagnation_limit": 2}, "changes": False, "reason": "stagnation"}),
    Case(
        "time is up", {"policy": {"max_attempts": 9, "stagnation_limit": 9, "timeout_seconds": 25.0}, "changes": True, "reason": "timeout"}
    ),
    Case("recovered", {"policy": {"max_attempts": 5, "timeout_seconds": 60.0}, "changes": True, "accept": 3, "reason": None}),
)
KINDS = {
    "attempt": ("guard", "retry_stage", "max_attempts", "timeout_seconds"),
    "scheduled": ("guard", "retry_stage", "timeout_seconds"),
    "exhausted": ("guard", "retry_stage", "timeout_seconds", "reason"),
    "recovered": ("guard",),
}


def wanted(params):
    fields = {"guard": "guard", "retry_stage": "make", "timeout_seconds": None, "reason": params["reason"]} | params["policy"]
    last = "exhausted" if params["reason"] else "recovered"
    return {kind: [fields[name] for name in KINDS[kind]] for kind in ("attempt", "scheduled", last)}


def told(events):
    """The fields of each kind of event; of all events of a kind if they differ."""
    found = {}
    for kind, data in events:
        word = kind.removeprefix("guard_retry.")
        found.setdefault(word, []).append([data.get(name, "missing") for name in KINDS.get(word, ())])
    return {word: rows[0] if all(row == rows[0] for row in rows) else rows for word, rows in found.items()}


async def scenario(params):
    output, sink, made = need("stageflow:StageOutput"), RecordingSink(), []

    async def make(ctx):
        made.append(1)
        await asyncio.sleep(10)

    async def guard(ctx):
        if len(made) >= params.get("accept", 99):
            return output.ok()
        return output.fail(error="no", data={"n": len(made) if params["changes"] else 0})

    rows = [("make", make), ("guard", guard, ["make"], "guard")]
    policies = {"guard": {"retry_stage": "make"} | dict(params["policy"])}
    await ending(guarded_graph(rows, policies).run(context(event_sink=sink)))
    expect_equal(
        told([(kind, data) for kind, data in sink.events if "guard_retry." in kind]), wanted(params), "fields of each kind of event"
    )


async def control(params):
    fields = {"guard": "guard", "retry_stage": "make", "timeout_seconds": None, "reason": params["reason"]} | params["policy"]
    last = "exhausted" if params["reason"] else "recovered"
    events = [(f"guard_retry.{kind}", fields) for kind in ("attempt", "scheduled", "attempt", last)]
    expect_equal(told(events), wanted(params), "fields of each kind of event")
