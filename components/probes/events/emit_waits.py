"""`emit` waits for room instead of dropping, and nothing is lost."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureAwareEventSink.emit drops events or does not wait when the queue is full",
    claim="emit() blocks while the queue is full; no awaited event is dropped.",
    source="docstring:stageflow.events.sink.BackpressureAwareEventSink.emit",
    component="stageflow.events.BackpressureAwareEventSink.emit",
    subsystem="events",
    category="reliability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events that were awaited to be safe are lost under load, or memory grows without limit.",
    recommendation="Await self._queue.put().",
    virtual_time=True,
)

CASES = (Case("queue of 1", {"size": 1}), Case("queue of 3", {"size": 3}))


class Gate:
    """Holds every delivery until opened."""

    def __init__(self):
        self.opened, self.arrived = asyncio.Event(), []

    async def emit(self, *, type, data):
        await self.opened.wait()
        self.arrived.append(data["n"])


class Plain:
    """A bounded queue with a worker."""

    def __init__(self, downstream, *, max_queue_size):
        self._queue, self._downstream = asyncio.Queue(max_queue_size), downstream

    async def start(self):
        self._worker = asyncio.ensure_future(self._work())

    async def _work(self):
        while True:
            await self._downstream.emit(type="event", data=await self._queue.get())

    async def emit(self, *, type, data):
        await self._queue.put(data)


async def verdict(make, size):
    gate = Gate()
    sink = make(gate, max_queue_size=size)
    await sink.start()
    accepted = []

    async def produce():
        for n in range(10):
            await sink.emit(type="event", data={"n": n})
            accepted.append(n)

    producer = asyncio.ensure_future(produce())
    await asyncio.sleep(30)
    waiting = len(accepted)
    gate.opened.set()
    await asyncio.sleep(30)
    wanted = {"while blocked": size + 1, "in the end": list(range(10)), "producer": True}
    seen = {"while blocked": waiting, "in the end": gate.arrived, "producer": producer.done()}
    expect_equal(
        seen, wanted, f"10 events, queue of {size} and one in delivery: accepted while blocked, delivered in the end, producer done"
    )


@promised
async def scenario(params):
    await verdict(need("stageflow.events:BackpressureAwareEventSink"), params["size"])


async def control(params):
    await verdict(Plain, params["size"])
