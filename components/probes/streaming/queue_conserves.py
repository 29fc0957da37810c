"""What goes into a chunk queue comes out once, in order, whoever is faster."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ChunkQueue loses, repeats or reorders items",
    claim="Every item put into a queue that does not drop is got exactly once and in order; put() waits while it is full.",
    source="docs/guides/realtime-streaming.md#backpressure-guidance",
    component="stageflow.helpers.ChunkQueue",
    subsystem="streaming",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Audio or tokens are missing from the answer.",
    recommendation="Hand items through in order and bound the queue by max_size.",
    virtual_time=True,
)

CASES = (
    Case("all before", {"size": 100, "items": 20, "put": 0.0, "get": 0.0, "way": "iterate"}),
    Case("slow consumer", {"size": 3, "items": 20, "put": 0.0, "get": 0.1, "way": "iterate"}),
    Case("slow producer", {"size": 3, "items": 20, "put": 0.1, "get": 0.0, "way": "iterate"}),
    Case("size of one", {"size": 1, "items": 10, "put": 0.0, "get": 0.05, "way": "get"}),
    Case("falsy items", {"size": 3, "items": -5, "put": 0.0, "get": 0.0, "way": "iterate"}),
)
FALSY = [0, "", b"", False, []]


class Plain:
    """An asyncio queue with an end mark."""

    def __init__(self, size):
        self._queue, self._end = asyncio.Queue(size), object()

    async def put(self, item):
        await self._queue.put(item)
        return True

    async def close(self):
        await self._queue.put(self._end)

    async def get(self):
        item = await self._queue.get()
        return None if item is self._end else item

    def __len__(self):
        return self._queue.qsize()

    def __aiter__(self):
        return self

    async def __anext__(self):
        item = await self.get()
        if item is None:
            raise StopAsyncIteration
        return item


async def consume(queue, params, got):
    if params["way"] == "iterate":
        async for item in queue:
            got.append(item)
            await asyncio.sleep(params["get"])
        return
    while (item := await queue.get()) is not None:
        got.append(item)
        await asyncio.sleep(params["get"])


async def verdict(queue, params):
    items = FALSY if params["items"] < 0 else list(range(params["items"]))
    got, most, added = [], 0, []
    consumer = asyncio.ensure_future(consume(queue, params, got))
    for item in items:
        added.append(await queue.put(item))
        most = max(most, len(queue))
        await asyncio.sleep(params["put"])
    await asyncio.sleep(60)
    await queue.close()
    await asyncio.wait([consumer], timeout=60)
    seen = {"got": got, "added": sum(added), "within size": most <= params["size"], "ended": consumer.done()}
    expect_equal(seen, {"got": items, "added": len(items), "within size": True, "ended": True}, "items through a queue")


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:ChunkQueue")(max_size=params["size"]), params)


async def control(params):
    await verdict(Plain(params["size"]), params)
