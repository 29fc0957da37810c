"""A sink that is stopped, at whatever moment, delivers every event it has accepted exactly once before stop() returns."""

import asyncio

from components.lab.flow import outcome
from components.lab.interleave_kit import Schedule, deadlines
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureAwareEventSink.stop() cancels the delivery in progress: the event is lost and counted as emitted",
    claim="Whenever it is called, stop(drain=True) delivers every accepted event once before it returns, when there is time enough.",
    source="docs/api/events.md#backpressureawareeventsink",
    component="stageflow.events.BackpressureAwareEventSink.stop",
    subsystem="events",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The last event of a process, often the one that tells how the run ended, is missing without any trace.",
    recommendation="In stop(), let the worker finish the event it holds before it is cancelled.",
    workaround="Pause for the longest time a delivery takes before calling stop().",
    seconds=30.0,
    cause="stageflow.events.sink:BackpressureAwareEventSink.stop #event-in-delivery",
)

CASES = (Case("deliveries work"),)
EVENTS = 6


class Downstream:
    """Takes 0.3 s for each event."""

    def __init__(self):
        self.arrived = []

    async def emit(self, *, type, data):
        await asyncio.sleep(0.3)
        self.arrived.append(data["n"])


class Sound:
    """A sink whose one worker is awaited."""

    def __init__(self, downstream):
        self._downstream, self._queue = downstream, asyncio.Queue()

    async def start(self):
        self._worker = asyncio.ensure_future(self._work())

    async def _work(self):
        while (event := await self._queue.get()) is not None:
            await outcome(self._downstream.emit(type="event", data=event))

    def try_emit(self, *, type, data):
        self._queue.put_nowait(data)

    async def stop(self, *, timeout):
        self._queue.put_nowait(None)
        await self._worker


async def stopped(make, at):
    """(events delivered, how stop() ended)."""
    downstream = Downstream()
    sink = make(downstream)
    await sink.start()
    for n in range(EVENTS):
        sink.try_emit(type="event", data={"n": n})
    await asyncio.sleep(at)
    _, error = await outcome(sink.stop(timeout=60.0))
    return [sorted(downstream.arrived), type(error).__name__ if error else "returned"]


def judge(make):
    moments = Schedule().play(lambda schedule: stopped(make, 3.0)).moments
    for at in [0.0, *deadlines(tuple(moment for moment in moments if 0 < moment < 3.0))]:
        seen = Schedule().play(lambda schedule, at=at: stopped(make, at)).result
        expect_equal(seen, [[*range(EVENTS)], "returned"], f"[events delivered, stop()] when stopped after {at} s")


def scenario(params):
    judge(need("stageflow.events:BackpressureAwareEventSink"))


def control(params):
    judge(Sound)
