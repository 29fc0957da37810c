"""One failed call is one failure, however the stage reports it."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The circuit breaker counts a raised exception twice: it opens after 3 failures instead of 5",
    claim="The breaker opens after 5 failures; a stage that raises fails as often as one that returns StageOutput.fail.",
    source="docs/api/interceptors.md#circuitbreakerinterceptor",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor.on_error",
    subsystem="circuit_breaker",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages that raise are cut off after three errors instead of five.",
    recommendation="Count the failure either in on_error() or in after(), not in both.",
    workaround="Return StageOutput.fail() instead of raising.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:CircuitBreakerInterceptor.on_error",
)

CASES = (Case("exceptions", {"calls": 6}),)


async def reached_of(calls, raises):
    reached = []

    async def call(ctx):
        reached.append("call")
        if raises:
            raise ValueError("service away")
        return need("stageflow:StageOutput").fail(error="service away")

    built = graph(pipeline(("call", call)), [need("stageflow:CircuitBreakerInterceptor")()])
    refused_at = None
    for number in range(1, calls + 1):
        before = len(reached)
        await outcome(built.run(context()))
        if len(reached) == before and refused_at is None:
            refused_at = number
    return refused_at


async def scenario(params):
    expect_equal(await reached_of(params["calls"], True), 6, "number of the first call that the breaker refuses")


async def control(params):
    expect_equal(await reached_of(params["calls"], False), 6, "number of the first call that the breaker refuses")
