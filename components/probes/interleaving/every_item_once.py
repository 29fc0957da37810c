"""Everything that several producers hand over arrives exactly once, each producer's items in order, whoever is slow and when."""

import asyncio
import uuid

from components.lab.interleave_kit import LATE, ended, strategy_of
from components.lab.overlap_kit import EACH, PRODUCERS, QueuePipe, conserved
from components.lab.plain_kit import PlainQueue
from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="Items of concurrent producers are lost, doubled or reordered",
    claim="What concurrent producers hand over comes out exactly once and in each producer's order, however slow either side is.",
    source="invariant:conservation",
    component="stageflow.helpers.ChunkQueue",
    subsystem="streaming",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Audio, tokens, events or memories are missing or repeated under load, and nothing says so.",
    recommendation="Hand items over in one step without a suspension between taking and passing on, or under a lock.",
    seconds=30.0,
)

COMPONENTS = {
    "queue": "stageflow.helpers.ChunkQueue",
    "bus": "stageflow.helpers.RealtimeStageBus",
    "sink": "stageflow.events.BackpressureAwareEventSink",
    "sink from sync code": "stageflow.events.BackpressureAwareEventSink.try_emit",
    "memory": "stageflow.helpers.InMemoryStore",
    "undo": "stageflow.tools.UndoStore",
    "tracker": "stageflow.pipeline.subpipeline.ChildRunTracker",
    "bag": "stageflow.context.OutputBag",
}

CASES = tuple(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items())

TOTAL = PRODUCERS * EACH


class Arrivals:
    """A slow sink that keeps what arrives."""

    def __init__(self, schedule):
        self.schedule, self.items = schedule, []

    async def emit(self, *, type, data):
        await self.schedule.pause()
        self.items.append(data["n"])

    async def all_there(self):
        """Wait until nothing more is to be expected."""
        for _ in range(60):
            if len(self.items) < TOTAL:
                await asyncio.sleep(1)
        await asyncio.sleep(2)


def queue_pipe(schedule):
    return QueuePipe(schedule, need("stageflow.helpers:ChunkQueue")(max_size=2))


class BusPipe:
    """Into two channels of a bus, each read by one slow subscriber."""

    def __init__(self, schedule):
        self.schedule, self.got = schedule, []
        self.bus = need("stageflow.helpers:RealtimeStageBus")(default_max_size=2)
        self.readers = [asyncio.ensure_future(self.read(name)) for name in ("even", "odd")]

    async def read(self, channel):
        async for item in self.bus.subscribe(channel):
            self.got.append(item if (item[1] % 2 == 0) == (channel == "even") else ("other channel", *item))
            await self.schedule.pause()

    async def put(self, item):
        await self.bus.publish("even" if item[1] % 2 == 0 else "odd", item)

    async def finish(self):
        await asyncio.sleep(LATE / 2)  # every producer and reader has done its work by then
        await self.bus.close_all()
        await ended(*self.readers, what="the subscriber of a closed channel")
        return sorted(self.got, key=lambda item: item[-1])


class SinkPipe:
    """Through a sink with a small queue to a slow downstream sink."""

    def __init__(self, schedule, size=2):
        self.arrivals = Arrivals(schedule)
        self.sink = need("stageflow.events:BackpressureAwareEventSink")(self.arrivals, max_queue_size=size)

    async def put(self, item):
        await self.sink.emit(type="event", data={"n": item})

    async def finish(self):
        await self.arrivals.all_there()
        await self.sink.stop()
        return self.arrivals.items


class SyncSinkPipe(SinkPipe):
    """The same from code that cannot wait, with room enough."""

    def __init__(self, schedule):
        super().__init__(schedule, 100)

    async def put(self, item):
        if not self.sink.try_emit(type="event", data={"n": item}):
            raise Violation("a queue with room takes every event", "try_emit() returned False")


class MemoryPipe:
    """Into the memory of one session."""

    def __init__(self, schedule):
        self.store = need("stageflow.helpers:InMemoryStore")()
        self.session = uuid.uuid4()

    async def put(self, item):
        entry = need("stageflow.helpers:MemoryEntry")(id=str(item), session_id=self.session, role="user", content="x", metadata={"n": item})
        await self.store.write(entry)

    async def finish(self):
        every = need("stageflow.helpers:MemoryConfig")(max_entries=0, max_tokens=0)
        return [entry.metadata["n"] for entry in await self.store.fetch(self.session, every)]


class UndoPipe:
    """Into the undo store, one action each."""

    def __init__(self, schedule):
        self.store = need("stageflow.tools:UndoStore")()

    async def put(self, item):
        await self.store.store(uuid.uuid4(), "tool", {"n": item})

    async def finish(self):
        return [metadata.undo_data["n"] for metadata in await self.store.get_all()]


class TrackerPipe:
    """Children of one run, told apart by their ids."""

    def __init__(self, schedule):
        self.tracker = need("stageflow.pipeline.subpipeline:ChildRunTracker")()
        self.parent, self.names = uuid.uuid4(), {}

    async def put(self, item):
        child = uuid.uuid4()
        self.names[child] = item
        await self.tracker.register_child(self.parent, child)

    async def finish(self):
        return sorted(self.names[child] for child in await self.tracker.get_children(self.parent))


class BagPipe:
    """Outputs of stages, all written at once."""

    def __init__(self, schedule):
        self.bag = need("stageflow.context:OutputBag")()

    async def put(self, item):
        await self.bag.write(f"stage {item}", need("stageflow:StageOutput").ok(data={"n": item}))

    async def finish(self):
        return [output.data["n"] for output in self.bag.outputs().values()]


PIPES = {
    "queue": queue_pipe,
    "bus": BusPipe,
    "sink": SinkPipe,
    "sink from sync code": SyncSinkPipe,
    "memory": MemoryPipe,
    "undo": UndoPipe,
    "tracker": TrackerPipe,
    "bag": BagPipe,
}


def scenario(params):
    conserved(PIPES[params["target"]], params)


def control(params):
    conserved(lambda schedule: QueuePipe(schedule, PlainQueue(2)), params)


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
