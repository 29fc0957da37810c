"""The breaker lets four failures pass and refuses after the fifth."""

import asyncio

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The circuit breaker does not open after 5 failures",
    claim="After 5 failures in a row the breaker opens: calls 1 to 5 reach the stage and the sixth does not.",
    source="docs/guides/interceptors.md#circuitbreakerinterceptor",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor",
    subsystem="circuit_breaker",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A dead service is hammered on, or a healthy one is cut off after fewer failures than documented.",
    recommendation="Count one failure per failed call and open when the count reaches 5.",
    virtual_time=True,
)

CASES = (
    Case("StageOutput.fail", {"how": "fail", "calls": 7, "reached": 5}),
    Case("four failures", {"how": "fail", "calls": 4, "reached": 4}),
    Case("time-outs", {"how": "timeout", "calls": 7, "reached": 5}),
)


async def scenario(params):
    reached = []

    async def call(ctx):
        reached.append("call")
        if params["how"] == "timeout":
            await asyncio.sleep(5)
        return need("stageflow:StageOutput").fail(error="service away")

    built = default_graph(pipeline(("call", call)))
    ahead = min(params["calls"], 6)  # the sixth call is the first one refused; what later calls meet is another property
    for _ in range(ahead):
        await outcome(built.run(context(data={"_timeout_ms": 1000})))
    expect_equal(len(reached), params["reached"], f"calls of {ahead} that reach a failing stage")


async def control(params):
    failures, reached = 0, 0
    for _ in range(min(params["calls"], 6)):
        if failures < 5:
            reached += 1
            failures += 1
    expect_equal(reached, params["reached"], "calls with a counter")
