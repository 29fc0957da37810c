"""Interceptors with a memory work across several Pipeline.run() calls."""

from components.lab.flow import context, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Pipeline.run() forgets breaker and idempotency state: neither ever works across runs",
    claim="The default stack's circuit breaker and idempotency protect repeated Pipeline.run() calls of one pipeline.",
    source="docs/getting-started/concepts.md#interceptors",
    component="stageflow.Pipeline.run",
    subsystem="circuit_breaker",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The recommended way to run a pipeline has no circuit breaker and executes repeated payments again.",
    recommendation="Keep one default interceptor stack per pipeline instead of building it anew in every run().",
    workaround="Build the graph once with Pipeline.build() and call its run().",
    virtual_time=True,
    cause="stageflow.pipeline.pipeline:Pipeline.run",
)

CASES = (
    Case("idempotency", {"what": "idempotency", "calls": 2, "reached": 1}),
    Case("circuit breaker", {"what": "breaker", "calls": 6, "reached": 5}),
)


async def reached_by(params, runner_of):
    reached = []

    async def call(ctx):
        reached.append("call")
        if params["what"] == "breaker":
            return need("stageflow:StageOutput").fail(error="away")
        return {"receipt": 1}

    need("stageflow:Pipeline.run")
    runner = runner_of(pipeline(("call", call, (), "work")))
    for _ in range(params["calls"]):
        data = {"idempotency_key": "order-1"} if params["what"] == "idempotency" else {}
        await outcome(runner.run(context(data=data)))
    expect_equal(len(reached), params["reached"], f"of {params['calls']} runs, those that reach the stage")


async def scenario(params):
    await reached_by(params, lambda pipe: pipe)


async def control(params):
    await reached_by(params, lambda pipe: pipe.build())
