"""Closing a queue ends the iteration of every waiting consumer."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ChunkQueue.close() wakes only one waiting consumer: the others wait for ever",
    claim="get() returns None, and iteration ends, once the queue is closed and empty, for every consumer.",
    source="docstring:stageflow.helpers.streaming.ChunkQueue.get",
    component="stageflow.helpers.ChunkQueue.close",
    subsystem="streaming",
    category="reliability",
    type="bug",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="A run with two workers on one channel never ends.",
    recommendation="When a consumer finds the closed queue empty after its get, let it put the end signal back for the next one.",
    workaround="Close the queue once per consumer.",
    virtual_time=True,
    cause="stageflow.helpers.streaming:ChunkQueue.get",
)

CASES = (
    Case("one", {"consumers": 1, "items": 0}),
    Case("two", {"consumers": 2, "items": 0}),
    Case("five with items before", {"consumers": 5, "items": 3}),
)


class Plain:
    """A closing queue with a condition."""

    def __init__(self):
        self._items, self._closed, self._changed = [], False, asyncio.Condition()

    async def put(self, item):
        async with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    async def close(self):
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __aiter__(self):
        return self

    async def __anext__(self):
        async with self._changed:
            await self._changed.wait_for(lambda: self._items or self._closed)
            if self._items:
                return self._items.pop(0)
        raise StopAsyncIteration


async def verdict(queue, params):
    got = []

    async def consume():
        async for item in queue:
            got.append(item)

    consumers = [asyncio.ensure_future(consume()) for _ in range(params["consumers"])]
    await asyncio.sleep(1)
    for n in range(params["items"]):
        await queue.put(n)
    await asyncio.sleep(1)
    await queue.close()
    await asyncio.wait(consumers, timeout=60)
    ended = sum(consumer.done() for consumer in consumers)
    expect_equal(ended, params["consumers"], f"consumers that ended within a minute after close(), of {params['consumers']}")


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:ChunkQueue")(), params)


async def control(params):
    await verdict(Plain(), params)
