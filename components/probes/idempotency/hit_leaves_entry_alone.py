"""Answering a duplicate does not change what is stored: later duplicates get the same data, and the entry still expires."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Every idempotency hit overwrites the stored result: the second duplicate gets empty data",
    claim="All duplicates of a request receive the result of the run that did the work, until its time to live is over.",
    source="docs/advanced/idempotency.md#atomic-duplicate-handling",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor.after",
    subsystem="idempotency",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="The third time a client asks for its receipt it gets an empty success, and a busy key never expires.",
    recommendation="Do not store again in after() when before() answered from the store.",
    workaround="Keep the result yourself and answer repeated requests before starting a run.",
    virtual_time=True,
)

CASES = (
    Case("data of 3 requests", {"gaps": [1.0, 1.0], "want": ["receipt 1", "receipt 1", "receipt 1"]}),
    Case("hit does not prolong the entry", {"gaps": [6.0, 6.0], "want": ["receipt 1", "receipt 1", "receipt 2"]}),
)
TTL = 10


async def scenario(params):
    runs = []

    async def charge(ctx):
        runs.append("run")
        return {"receipt": f"receipt {len(runs)}"}

    guard = need("stageflow.pipeline.idempotency:IdempotencyInterceptor")(ttl_seconds=TTL)
    built, seen = graph(pipeline(("charge", charge, (), "work")), [guard]), []
    for gap in [0.0, *params["gaps"]]:
        await asyncio.sleep(gap)
        results, _ = await outcome(built.run(context(data={"idempotency_key": "order-1"})))
        seen.append(results["charge"].data.get("receipt") if results else None)
    expect_equal(seen, list(params["want"]), f"receipts of three requests with one key, ttl {TTL} s")


async def control(params):
    clock, stored, runs, seen = asyncio.get_running_loop(), None, 0, []
    for gap in [0.0, *params["gaps"]]:
        await asyncio.sleep(gap)
        if stored is None or stored[1] <= clock.time():
            runs += 1
            stored = (f"receipt {runs}", clock.time() + TTL)
        seen.append(stored[0])
    expect_equal(seen, list(params["want"]), "receipts from a dictionary that is only written on a miss")
