"""A producer or consumer that is cancelled, wherever it waits, takes no item of anybody with it and leaves none twice."""

import asyncio

from components.lab.interleave_kit import LATE, cut_everywhere, ended
from components.lab.plain_kit import PlainQueue
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Cancelling a consumer or a producer loses or doubles items",
    claim="Whatever point a reader or writer is cancelled at: items not yet received stay for the next reader, items accepted arrive once.",
    source="invariant:conservation",
    component="stageflow.helpers.ChunkQueue.get",
    subsystem="streaming",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A time-out or disconnect of one side makes items of others disappear or come twice.",
    recommendation="Take an item in the step that also returns it, and put back what could not be passed on.",
    seconds=30.0,
)

CASES = (
    Case("queue reader", {"target": "queue reader"}),
    Case("queue writer", {"target": "queue writer"}, component="stageflow.helpers.ChunkQueue.put"),
    Case("bus reader", {"target": "bus reader"}, component="stageflow.helpers.RealtimeStageBus.subscribe"),
    Case("bus writer", {"target": "bus writer"}, component="stageflow.helpers.RealtimeStageBus.publish"),
    Case("sink writer", {"target": "sink writer"}, component="stageflow.events.BackpressureAwareEventSink.emit"),
)
ITEMS = 5


async def read_side(cut, queue):
    """A reader that is cut, then another one; the writer goes on all the time."""
    got = []

    async def write():
        for n in range(ITEMS):
            await asyncio.sleep(0 if n % 2 else 1)
            await queue.put(n)

    async def read():
        while (item := await queue.get()) is not None:
            got.append(item)

    writer, reader = asyncio.ensure_future(write()), cut.watch(read())
    await asyncio.wait([reader], timeout=30)
    if reader.done():
        reader = asyncio.ensure_future(read())
    await ended(writer, what="the writer")
    await asyncio.sleep(1)
    await queue.close()
    await ended(reader, what="the reader of a closed queue")
    expect_equal(got, list(range(ITEMS)), "items got by a reader that was cancelled and the one after it")


async def write_side(cut, put, take_all):
    """A writer that is cut beside another one; `take_all` gives what has arrived in the end."""
    accepted = []

    async def write(name):
        for n in range(ITEMS):
            await put((name, n))
            accepted.append((name, n))

    writers = [cut.watch(write("cut")), asyncio.ensure_future(write("other"))]
    arrived = await take_all(writers)
    expect_equal(sorted(tuple(item) for item in arrived), sorted(accepted), "what arrived, compared with what was accepted")


async def slow_reader(queue, writers):
    got = []

    async def read():
        while (item := await queue.get()) is not None:
            got.append(item)
            await asyncio.sleep(1)

    reader = asyncio.ensure_future(read())
    await ended(*writers, what="every writer")
    await asyncio.sleep(LATE / 2)
    await queue.close()
    await ended(reader, what="the reader of a closed queue")
    return got


class Channel:
    """One channel of a bus, as a queue."""

    def __init__(self, size):
        self.bus = need("stageflow.helpers:RealtimeStageBus")(default_max_size=size)

    async def put(self, item):
        return await self.bus.publish("channel", item)

    async def get(self):
        return await anext(self.bus.subscribe("channel"), None)

    async def close(self):
        await self.bus.close_channel("channel")


def chunk_queue(size):
    return need("stageflow.helpers:ChunkQueue")(max_size=size)


async def through_sink(cut):
    arrived = []

    class Downstream:
        async def emit(self, *, type, data):
            await asyncio.sleep(1)
            arrived.append(data["n"])

    sink = need("stageflow.events:BackpressureAwareEventSink")(Downstream(), max_queue_size=1)

    async def put(item):
        await sink.emit(type="event", data={"n": item})

    async def take_all(writers):
        await ended(*writers, what="every writer")
        await asyncio.sleep(LATE / 2)
        await sink.stop()
        return arrived

    await write_side(cut, put, take_all)


def side(kind, make):
    async def scene(cut):
        queue = make(1)
        if kind == "reader":
            await read_side(cut, queue)
        else:
            await write_side(cut, queue.put, lambda writers: slow_reader(queue, writers))

    return scene


SCENES = {
    "queue reader": side("reader", chunk_queue),
    "queue writer": side("writer", chunk_queue),
    "bus reader": side("reader", Channel),
    "bus writer": side("writer", Channel),
    "sink writer": through_sink,
}


def scenario(params):
    cut_everywhere(SCENES[params["target"]])


def control(params):
    cut_everywhere(side("reader" if params["target"].endswith("reader") else "writer", PlainQueue))
