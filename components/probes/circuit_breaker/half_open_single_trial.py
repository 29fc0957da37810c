"""A half-open breaker tests the service with some calls, not with all that are waiting."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="The half-open circuit breaker lets every concurrent call through",
    claim=(
        "When the reset time is over the half-open breaker lets test calls through: some of a crowd of concurrent calls, not all of them."
    ),
    source="docs/guides/interceptors.md#circuitbreakerinterceptor",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor.before",
    subsystem="circuit_breaker",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A service that is just coming back is hit by the full load at once.",
    recommendation="Admit a single call in the half-open state and refuse the others until it has reported back.",
    workaround="Limit concurrency in front of the stage.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:CircuitBreakerInterceptor.before",
)

CASES = (Case("5 concurrent calls", {"calls": 5}), Case("50 concurrent calls", {"calls": 50}))


async def most_at_once(params, gap):
    inside, most, slow = [0], [0], [False]

    async def call(ctx):
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        if slow[0]:
            await asyncio.sleep(1)
        inside[0] -= 1
        return need("stageflow:StageOutput").fail(error="still away")

    built = graph(pipeline(("call", call)), [need("stageflow:CircuitBreakerInterceptor")()])
    for _ in range(5):
        await outcome(built.run(context()))
    await asyncio.sleep(31)
    slow[0] = True

    async def later(number):
        await asyncio.sleep(gap * number)
        await outcome(built.run(context()))

    await asyncio.gather(*(later(number) for number in range(params["calls"])))
    expect(most[0] < params["calls"], f"fewer than {params['calls']} calls at once in the stage of a half-open breaker", f"{most[0]} calls")


async def scenario(params):
    await most_at_once(params, 0.0)


async def control(params):
    await most_at_once(params, 40.0)
