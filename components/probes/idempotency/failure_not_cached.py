"""A failed attempt does not use up its key: the next request with it runs the stage."""

import asyncio

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A failed request uses up its idempotency key",
    claim="Only completed results are stored: after a failure of any kind the same key runs the stage again, and soon.",
    source="docs/advanced/idempotency.md#observability",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor.after",
    subsystem="idempotency",
    category="reliability",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A payment that failed can never be tried again with its key, or the retry hangs.",
    recommendation="Store only completed results and release the key's lock on every way out.",
    virtual_time=True,
)

CASES = tuple(Case(how, {"how": how}) for how in ("exception", "fail output", "time-out"))


async def scenario(params):
    runs = []

    async def charge(ctx):
        runs.append("run")
        if len(runs) > 1:
            return {"receipt": 1}
        if params["how"] == "time-out":
            await asyncio.sleep(60)
        if params["how"] == "fail output":
            return need("stageflow:StageOutput").fail(error="declined")
        raise ValueError("declined")

    built = default_graph(pipeline(("charge", charge, (), "work")))
    for _ in range(2):
        run = built.run(context(data={"idempotency_key": "order-1", "_timeout_ms": 1000}))
        await asyncio.wait([asyncio.ensure_future(outcome(run))], timeout=30)
    expect_equal(len(runs), 2, "runs of the stage for a failed request and its repetition")


async def control(params):
    runs, cache = [], {}
    for number in range(2):
        if "order-1" not in cache:
            runs.append("run")
            if number:
                cache["order-1"] = 1
    expect_equal(len(runs), 2, "runs with a cache of successes")
