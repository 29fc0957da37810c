"""An event that is being delivered when the sink is stopped still arrives."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureAwareEventSink.stop() cancels the delivery in progress: the event is lost and counted as emitted",
    claim="stop(drain=True) delivers every accepted event before it returns, when there is time enough.",
    source="docs/api/events.md#backpressureawareeventsink",
    component="stageflow.events.BackpressureAwareEventSink.stop",
    subsystem="events",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The last event of a process, often the one that tells how the run ended, is missing without any trace.",
    recommendation="In stop(), let the worker finish the event it holds before it is cancelled, also when the queue is empty.",
    workaround="Pause for the longest time a delivery takes before calling stop().",
    virtual_time=True,
    cause="stageflow.events.sink:BackpressureAwareEventSink.stop #event-in-delivery",
)

CASES = (Case("last event in delivery", {"events": 1}), Case("first of three in delivery", {"events": 3}))


class SlowSink:
    """Takes a fifth of a second for each event."""

    def __init__(self):
        self.arrived = []

    async def emit(self, *, type, data):
        await asyncio.sleep(0.2)
        self.arrived.append(data["n"])


class OneAtATime:
    """A sink that stops soundly: it awaits its deliveries."""

    def __init__(self, downstream):
        self._downstream, self._tasks = downstream, []

    async def start(self):
        self._tasks.clear()

    def try_emit(self, *, type, data):
        self._tasks.append(asyncio.ensure_future(self._downstream.emit(type=type, data=data)))

    async def stop(self, *, drain=True, timeout=5.0):
        await asyncio.wait_for(asyncio.gather(*self._tasks), timeout)


async def verdict(make, count):
    downstream = SlowSink()
    sink = make(downstream)
    await sink.start()
    for n in range(count):
        sink.try_emit(type="event", data={"n": n})
    await asyncio.sleep(0.05)
    await sink.stop(drain=True, timeout=60.0)
    expect_equal(sorted(downstream.arrived), list(range(count)), "events delivered when stop() has returned")


@promised
async def scenario(params):
    await verdict(need("stageflow.events:BackpressureAwareEventSink"), params["events"])


async def control(params):
    await verdict(OneAtATime, params["events"])
