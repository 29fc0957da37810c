"""An open breaker refuses every call until its reset time is over, not only the first."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The open circuit breaker refuses one call and closes again",
    claim="An open breaker stays open for 30 seconds: no call in that time reaches the stage.",
    source="docs/guides/interceptors.md#circuitbreakerinterceptor",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor.after",
    subsystem="circuit_breaker",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="There is no protection: a failing service is called on as if no breaker were installed, but for one call in six.",
    recommendation="Do not treat the breaker's own refusal as a success of the stage in after().",
    workaround="Use a breaker of your own around the remote call.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:CircuitBreakerInterceptor.after",
)

CASES = (
    Case("3 calls at once after the first refusal", {"calls": 4, "gap": 0.1}),
    Case("10 calls in 10 seconds", {"calls": 10, "gap": 1.0}),
)


async def calls_while_open(params, stop_at):
    reached = []

    async def call(ctx):
        reached.append("call")
        return need("stageflow:StageOutput").fail(error="service away")

    built = graph(pipeline(("call", call)), [need("stageflow:CircuitBreakerInterceptor")()])
    for _ in range(5):
        await outcome(built.run(context()))
    before = len(reached)
    for _ in range(min(params["calls"], stop_at)):
        await outcome(built.run(context()))
        await asyncio.sleep(params["gap"])
    expect_equal(len(reached) - before, 0, "calls that reach the stage while the breaker is open")


async def scenario(params):
    await calls_while_open(params, params["calls"])


async def control(params):
    await calls_while_open(params, 1)
