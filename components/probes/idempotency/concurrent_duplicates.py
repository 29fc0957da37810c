"""Duplicates that arrive while the first request runs wait for it: one at a time, and only one success."""

import asyncio

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Concurrent duplicates run the stage side by side",
    claim="Per key only one request is in the stage at any moment, and once one has succeeded the others receive its result.",
    source="docs/advanced/idempotency.md#atomic-duplicate-handling",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor.before",
    subsystem="idempotency",
    category="reliability",
    type="reliability",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Two clicks on the pay button are two payments.",
    recommendation="Take the lock of the key before the stage and look at the cache again once it is held.",
    virtual_time=True,
)

CASES = (
    Case("2 duplicates", {"requests": 2, "fail_first": 0, "log": ["in", "out"]}),
    Case("8 duplicates", {"requests": 8, "fail_first": 0, "log": ["in", "out"]}),
    Case("first of 3 fails", {"requests": 3, "fail_first": 1, "log": ["in", "out", "in", "out"]}),
)


async def storm(run, params):
    log = []

    async def charge(ctx=None):
        number = log.count("in")
        log.append("in")
        await asyncio.sleep(1)
        log.append("out")
        if number < params["fail_first"]:
            raise ValueError("declined")
        return {"receipt": number}

    await asyncio.gather(*(outcome(run(charge)) for _ in range(params["requests"])))
    expect_equal(log, list(params["log"]), "entries and exits of the stage")


async def scenario(params):
    built = []

    async def run(charge):
        if not built:
            built.append(default_graph(pipeline(("charge", charge, (), "work"))))
        return await built[0].run(context(data={"idempotency_key": "order-1"}))

    await storm(run, params)


async def control(params):
    lock, cache = asyncio.Lock(), []

    async def run(charge):
        async with lock:
            if not cache:
                cache.append(await charge())

    await storm(run, params)
