"""An open breaker refuses every call until its reset time is over and none afterwards, however many it has refused."""

import asyncio
import time

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The open circuit breaker refuses one call and closes again",
    claim="An open breaker refuses all calls for 30 seconds and then lets one through: refusals are no outcome of the stage to be counted.",
    source="docs/guides/interceptors.md#circuitbreakerinterceptor",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor.after",
    subsystem="circuit_breaker",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="There is no protection: a failing service is called on as if no breaker were installed, but for one call in six.",
    recommendation="Return from after() when the stage did not run: the breaker's own refusal is neither a success nor a failure of it.",
    workaround="Use a breaker of your own around the remote call.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:CircuitBreakerInterceptor.after",
)

CASES = (
    Case("4 calls in 20 seconds", {"calls": 4, "gap": 5.0}),
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
    opened, before = time.monotonic(), len(reached)
    for _ in range(min(params["calls"], stop_at)):
        await outcome(built.run(context()))
        await asyncio.sleep(params["gap"])
    early = len(reached) - before
    await asyncio.sleep(opened + 31 - time.monotonic())
    await outcome(built.run(context()))
    expect_equal([early, len(reached) - before - early], [0, 1], "calls that reach the stage in the 30 seconds, and one made after them")


async def scenario(params):
    await calls_while_open(params, params["calls"])


async def control(params):
    await calls_while_open(params, 1)
