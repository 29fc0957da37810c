"""Retries stop when timeout_seconds have passed since the guard first refused."""

import asyncio

from components.lab.dag_kit import ending, guarded_graph
from components.lab.flow import context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Guard retries do not stop after timeout_seconds",
    claim="No further retry is started once timeout_seconds, in seconds, have passed since the guard's first refusal.",
    source="docs/examples/agent-tools.md#guard-retry-cookbook",
    component="stageflow.pipeline.guard_retry.GuardRetryPolicy.timeout_seconds",
    subsystem="guard_retry",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=False,
    impact="A correction loop runs far past its budget, or gives up at once.",
    recommendation="Compare the monotonic time since the first refusal with timeout_seconds.",
    virtual_time=True,
)

CASES = (
    Case("no limit", {"timeout": None, "runs": 12}),
    Case("5 s", {"timeout": 5, "runs": 4}),
    Case("0.5 s", {"timeout": 0.5, "runs": 2}),
    Case("1 h", {"timeout": 3600, "runs": 12}),
)


async def scenario(params):
    output = need("stageflow:StageOutput")
    asked = []

    async def make(ctx):
        await asyncio.sleep(2)
        return {}

    async def guard(ctx):
        asked.append(1)
        if len(asked) == 12:
            return output.ok()
        return output.fail(error="no", data={"n": len(asked)})

    policy = {"retry_stage": "make", "max_attempts": 50, "timeout_seconds": params["timeout"]}
    await ending(guarded_graph([("make", make), ("guard", guard, ["make"], "guard")], {"guard": policy}).run(context()))
    expect_equal(len(asked), params["runs"], "guard runs with 2 s between them")


async def control(params):
    runs, passed = 1, 0
    while runs < 12 and (params["timeout"] is None or passed < params["timeout"]):
        passed += 2
        runs += 1
    expect_equal(runs, params["runs"], "guard runs with 2 s between them")
