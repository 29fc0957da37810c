"""A put that waits for room while the queue is closed ends, and True means delivered."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ChunkQueue.close() forgets producers that wait in put(): their item is lost though put() returns True, or they hang",
    claim="put() returns True if the item was added, for the consumers to get, and False if it was not.",
    source="docstring:stageflow.helpers.streaming.ChunkQueue.put",
    component="stageflow.helpers.ChunkQueue.put",
    subsystem="streaming",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="In the lossless mode a chunk disappears at the end of a stream, or the producing stage never ends when its consumer has gone.",
    recommendation="On close, wake the waiting producers and let their put() return False.",
    workaround="Close a queue only when no producer is waiting in put().",
    virtual_time=True,
    cause="stageflow.helpers.streaming:ChunkQueue.put",
)

CASES = (
    Case("consumer drains the rest", {"drain": True, "producers": 1}),
    Case("two producers, consumer drains", {"drain": True, "producers": 2}),
    Case("consumer gone", {"drain": False, "producers": 1}),
)


class Plain:
    """A closing queue with a condition."""

    def __init__(self, size):
        self._items, self._size, self._closed, self._changed = [], size, False, asyncio.Condition()

    async def put(self, item):
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._items) < self._size or self._closed)
            if not self._closed:
                self._items.append(item)
            return not self._closed

    async def close(self):
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self._items:
            return self._items.pop(0)
        raise StopAsyncIteration


async def verdict(queue, params):
    await queue.put(0)
    producers = [asyncio.ensure_future(queue.put(n + 1)) for n in range(params["producers"])]
    await asyncio.sleep(1)
    await queue.close()
    got = [item async for item in queue] if params["drain"] else []
    await asyncio.wait(producers, timeout=60)
    ended = [producer.done() for producer in producers]
    added = [n + 1 for n, producer in enumerate(producers) if producer.done() and producer.result()]
    missing = [n for n in added if n not in got]
    wanted = {"ended": [True] * params["producers"], "added but never got": []}
    expect_equal({"ended": ended, "added but never got": missing}, wanted, "producers that waited in put() when the queue was closed")


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:ChunkQueue")(max_size=1), params)


async def control(params):
    await verdict(Plain(1), params)
