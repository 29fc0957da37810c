"""A stage that fails once and is retried gives the output of the attempt that succeeded."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A retried stage does not deliver the output of its successful attempt",
    claim="After a transient error the run goes on with the second attempt's output, and dependents get that output.",
    source="docs/advanced/retry-backoff.md#testing-retries",
    component="stageflow.pipeline.retry.RetryInterceptor",
    subsystem="retry",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Recovered stages hand stale or empty data on.",
    recommendation="Use the result of the attempt that succeeded.",
    virtual_time=True,
)

CASES = (Case("alone", {"siblings": 0}), Case("beside 3 healthy stages", {"siblings": 3}))


async def scenario(params):
    runs, seen = [], []

    async def flaky(ctx):
        runs.append("run")
        if len(runs) == 1:
            raise ConnectionError("blip")
        return {"answer": f"attempt {len(runs)}"}

    async def healthy(ctx):
        await asyncio.sleep(1)
        return {"other": ctx.stage_name}

    async def last(ctx):
        seen.append(ctx.inputs.get("answer"))

    names = [f"other{number}" for number in range(params["siblings"])]
    rows = [("flaky", flaky), *((name, healthy) for name in names), ("last", last, ("flaky", *names))]
    retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=3, base_delay_ms=10)
    await outcome(graph(pipeline(*rows), [retry]).run(context()))
    expect_equal(seen, ["attempt 2"], "what the dependent stage was given")


async def control(params):
    runs = []

    async def flaky():
        runs.append("run")
        if len(runs) == 1:
            raise ConnectionError("blip")
        return f"attempt {len(runs)}"

    result, error = await outcome(flaky())
    if error:
        result, _ = await outcome(flaky())
    expect_equal([result], ["attempt 2"], "what plain asyncio gives after one retry")
