"""A breaker cuts off the stage that fails and leaves the others of the graph alone."""

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The circuit breaker of one stage cuts off another",
    claim="Breaker state is kept per stage: failures of one stage do not stop another stage from running.",
    source="docs/guides/interceptors.md#circuitbreakerinterceptor",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor",
    subsystem="circuit_breaker",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="One broken integration switches off a whole pipeline.",
    recommendation="Keep state and counters by stage name.",
    virtual_time=True,
)

CASES = (
    Case("different names", {"sick": "pay", "healthy": "mail"}),
    Case("common prefix", {"sick": "pay", "healthy": "pay_back"}),
)


async def scenario(params):
    runs = []

    async def healthy(ctx):
        runs.append("run")

    async def sick(ctx):
        return need("stageflow:StageOutput").fail(error="away")

    built = default_graph(pipeline((params["healthy"], healthy), (params["sick"], sick, (params["healthy"],))))
    for _ in range(12):
        await outcome(built.run(context()))
    expect_equal(len(runs), 12, f"runs of {params['healthy']} of 12 while {params['sick']} fails")


async def control(params):
    failures, runs = {}, 0
    for _ in range(12):
        runs += failures.get(params["healthy"], 0) < 5
        failures[params["sick"]] = failures.get(params["sick"], 0) + 1
    expect_equal(runs, 12, "runs with counters by name")
