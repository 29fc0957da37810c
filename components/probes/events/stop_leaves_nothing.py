"""A stopped sink leaves no task behind, whatever its downstream sink is doing."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureAwareEventSink.stop() leaves its worker running, or does not return",
    claim="stop() stops the background worker: after it has returned, within its time-out, no task of the sink is left.",
    source="docstring:stageflow.events.sink.BackpressureAwareEventSink.stop",
    component="stageflow.events.BackpressureAwareEventSink.stop.worker",
    subsystem="events",
    category="reliability",
    type="bug",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Tasks pile up with every sink that is started and stopped, and keep events and connections alive.",
    recommendation="Cancel the worker and await it.",
    virtual_time=True,
)

CASES = (
    Case("idle", {"events": 0, "hangs": False, "drain": True}),
    Case("busy", {"events": 3, "hangs": False, "drain": True}),
    Case("hanging delivery", {"events": 1, "hangs": True, "drain": True}),
    Case("hanging delivery and more", {"events": 3, "hangs": True, "drain": True}),
    Case("hanging delivery, no drain", {"events": 3, "hangs": True, "drain": False}),
)


class Downstream:
    """Delivers at once, or never."""

    def __init__(self, hangs):
        self.hangs = hangs

    async def emit(self, *, type, data):
        await asyncio.sleep(1e9 if self.hangs else 0)


class Plain:
    """A worker that is cancelled and awaited."""

    def __init__(self, downstream):
        self._downstream, self._queue = downstream, asyncio.Queue()

    async def start(self):
        self._worker = asyncio.ensure_future(self._work())

    async def _work(self):
        while True:
            await self._downstream.emit(type="event", data=await self._queue.get())

    def try_emit(self, *, type, data):
        self._queue.put_nowait(data)

    async def stop(self, *, drain, timeout):
        self._worker.cancel()
        await asyncio.wait([self._worker], timeout=timeout)


async def verdict(make, params):
    before = asyncio.all_tasks()
    sink = make(Downstream(params["hangs"]))
    await sink.start()
    for n in range(params["events"]):
        sink.try_emit(type="event", data={"n": n})
    await asyncio.sleep(1)
    stopping = asyncio.ensure_future(sink.stop(drain=params["drain"], timeout=3.0))
    await asyncio.wait([stopping], timeout=30)
    left = len(asyncio.all_tasks() - before - {stopping})
    expect_equal([stopping.done(), left], [True, 0], "[stop() returned, tasks left]")


@promised
async def scenario(params):
    await verdict(need("stageflow.events:BackpressureAwareEventSink"), params)


async def control(params):
    await verdict(Plain, params)
