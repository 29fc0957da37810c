"""Keys that are done with do not stay in memory for ever."""

import asyncio
import gc

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="IdempotencyInterceptor keeps one lock per key for ever",
    claim="What a finished request leaves in memory ends with its time to live: many keys do not mean ever more objects.",
    source="invariant:no leak",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor",
    subsystem="idempotency",
    category="performance",
    type="performance",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="A service that uses a new key per request, as it should, grows until it is killed.",
    recommendation="Drop the lock of a key when nobody waits for it, and expired entries when others are stored.",
    workaround="Rebuild the graph from time to time.",
    virtual_time=True,
)

CASES = (
    Case(
        "locks",
        {"kind": "locks", "few": 5, "many": 60},
        cause="stageflow.pipeline.idempotency:IdempotencyInterceptor._get_or_create_lock",
    ),
    Case(
        "expired results",
        {"kind": "results", "few": 5, "many": 60},
        title="InMemoryIdempotencyStore keeps expired results for ever",
        component="stageflow.pipeline.idempotency.InMemoryIdempotencyStore",
        cause="stageflow.pipeline.idempotency:InMemoryIdempotencyStore.set",
    ),
)


def alive(kind):
    gc.collect()
    wanted = asyncio.Lock if kind == "locks" else need("stageflow.pipeline.idempotency:CachedStageResult")
    return sum(isinstance(thing, wanted) for thing in gc.get_objects())


async def left_after(params, requests, key):
    async def charge(ctx):
        return {"receipt": 1}

    guard = need("stageflow.pipeline.idempotency:IdempotencyInterceptor")(ttl_seconds=1)
    built = graph(pipeline(("charge", charge, (), "work")), [guard])
    before = alive(params["kind"])
    for number in range(requests):
        await outcome(built.run(context(data={"idempotency_key": key(number)})))
        await asyncio.sleep(5)
    return alive(params["kind"]) - before


async def grows(params, key):
    few, many = [await left_after(params, params[size], key) for size in ("few", "many")]
    expect(
        many - few < (params["many"] - params["few"]) // 2,
        f"{params['many']} requests leave about as many {params['kind']} as {params['few']}",
        "one more for every request",
    )


async def scenario(params):
    await grows(params, lambda number: f"order-{number}")


async def control(params):
    await grows(params, lambda number: "order-1")
