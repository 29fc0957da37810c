"""What overflows is counted and is the right item: with concurrent producers, arrivals and drops add up to what was handed over."""

import asyncio

from components.lab.interleave_kit import all_results, ended, strategy_of, under_schedules
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Under overflow items vanish uncounted, or the wrong ones are dropped",
    claim="Of what concurrent producers hand over, each item arrives or is counted as dropped; a dropping queue keeps the newest.",
    source="docstring:stageflow.helpers.streaming.ChunkQueue.__init__",
    component="stageflow.helpers.ChunkQueue.put.overflow",
    subsystem="streaming",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=False,
    impact="Losses under load are larger than the metrics say, or hit the current data instead of the stale.",
    recommendation="Decide on overflow and record the drop in one step, and drop from the old end.",
    seconds=30.0,
)

COMPONENTS = {
    "queue": "stageflow.helpers.ChunkQueue.put.overflow",
    "sink": "stageflow.events.BackpressureAwareEventSink.try_emit.overflow",
    "buffer": "stageflow.helpers.BufferedExporter.export.overflow",
}
CASES = tuple(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items())
EACH = 5


class Dropping:
    """A dropping queue whose one consumer is slow."""

    def __init__(self, schedule):
        self.schedule, self.got, self.told = schedule, [], []
        self.queue = need("stageflow.helpers:ChunkQueue")(max_size=2, drop_on_overflow=True, event_emitter=self.heard)
        self.reader = asyncio.ensure_future(self.read())

    def heard(self, kind, data):
        if kind == "stream.chunk_dropped":
            self.told.append(data["reason"])

    async def read(self):
        while (item := await self.queue.get()) is not None:
            self.got.append(item)
            await self.schedule.pause()

    async def put(self, item):
        await self.queue.put(item)

    async def finish(self):
        await asyncio.sleep(60)
        await self.queue.close()
        await ended(self.reader, what="the reader of a closed queue")
        return self.got, self.queue.monitor.stats.dropped_items, len(self.told)


class Sink:
    """A sink with a small queue and a slow downstream sink, used without waiting."""

    def __init__(self, schedule):
        self.schedule, self.got, self.told = schedule, [], []
        self.sink = need("stageflow.events:BackpressureAwareEventSink")(
            self, max_queue_size=2, on_drop=lambda kind, data: self.told.append(data["n"])
        )

    async def emit(self, *, type, data):
        await self.schedule.pause()
        self.got.append(data["n"])

    async def put(self, item):
        self.sink.try_emit(type="event", data={"n": item})

    async def finish(self):
        await asyncio.sleep(60)
        await self.sink.stop()
        return self.got, self.sink.metrics.dropped, len(self.told)


class Buffer:
    """A buffer that is larger than its room, flushed in the end."""

    def __init__(self, schedule):
        self.schedule, self.got, self.told = schedule, [], []
        self.exporter = need("stageflow.helpers:BufferedExporter")(
            self, batch_size=100, max_buffer_size=4, flush_interval_seconds=1.0, on_overflow=self.heard
        )

    def heard(self, dropped, size):
        if dropped > 0:
            self.told.append(dropped)

    async def export_batch(self, events):
        await self.schedule.pause()
        self.got += [event.data["n"] for event in events]

    async def close(self):
        """Nothing to do."""

    async def put(self, item):
        await self.exporter.export(need("stageflow.helpers:AnalyticsEvent")("probe", data={"n": item}))

    async def finish(self):
        await asyncio.sleep(60)
        await self.exporter.close()
        return self.got, self.exporter.dropped_count, len(self.told)


class Plain:
    """A list that keeps its two newest items until they are read."""

    def __init__(self, schedule):
        self.items, self.dropped = [], 0

    async def put(self, item):
        self.items.append(item)
        self.dropped += len(self.items) > 2
        self.items = self.items[-2:]

    async def finish(self):
        return self.items, self.dropped, self.dropped


OPEN = {"queue": Dropping, "sink": Sink, "buffer": Buffer}


def adds_up(make, params):
    async def scene(schedule):
        pipe, order = make(schedule), []

        async def produce(number):
            for n in range(EACH):
                await schedule.pause()
                order.append((number, n))
                await pipe.put((number, n))

        await all_results(*(produce(number) for number in range(2)), what="every producer")
        got, dropped, told = await pipe.finish()
        seen = [len(set(got)) == len(got), len(got) + dropped, told]
        expect_equal(seen, [True, 2 * EACH, dropped], "[nothing twice, arrivals and drops, drops announced]")
        if params["target"] != "sink":
            expect_equal(order[-1] in got, True, "the item handed over last arrives")

    under_schedules(params, scene)


def scenario(params):
    adds_up(OPEN[params["target"]], params)


def control(params):
    adds_up(Plain, params | {"target": "queue"})


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
