"""Stopping a sink takes as long as the deliveries need, up to the time-out in seconds."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureAwareEventSink.stop() does not keep to its time-out",
    claim="stop(timeout=t) delivers what can be delivered in t seconds, gives up then, and without drain does not deliver at all.",
    source="docstring:stageflow.events.sink.BackpressureAwareEventSink.stop",
    component="stageflow.events.BackpressureAwareEventSink.stop.timeout",
    subsystem="events",
    category="reliability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events are thrown away although there was time to deliver them, or a shutdown hangs.",
    recommendation="Bound the drain by the time-out in seconds.",
    virtual_time=True,
)

CASES = (
    Case("enough time", {"delay": 0.5, "events": 4, "timeout": 5.0, "drain": True, "arrive": 4, "took": 2.0}),
    Case("just enough", {"delay": 1.0, "events": 4, "timeout": 4.5, "drain": True, "arrive": 4, "took": 4.0}),
    Case("default time-out", {"delay": 1.0, "events": 4, "timeout": None, "drain": True, "arrive": 4, "took": 4.0}),
    Case("not enough", {"delay": 1.0, "events": 9, "timeout": 3.5, "drain": True, "arrive": 3, "took": 3.5}),
    Case("default gives up", {"delay": 1.0, "events": 99, "timeout": None, "drain": True, "arrive": None, "took": 5.0}),
    Case("no drain", {"delay": 1.0, "events": 4, "timeout": 5.0, "drain": False, "arrive": 0, "took": 0.0}),
)


class Slow:
    """Takes its time for each event."""

    def __init__(self, delay):
        self.delay, self.arrived = delay, 0

    async def emit(self, *, type, data):
        await asyncio.sleep(self.delay)
        self.arrived += 1


class Plain:
    """The rule in plain asyncio."""

    def __init__(self, downstream):
        self._downstream, self._waiting = downstream, []

    async def start(self):
        self._waiting.clear()

    def try_emit(self, *, type, data):
        self._waiting.append(data)

    async def _deliver(self):
        for data in self._waiting:
            await self._downstream.emit(type="event", data=data)

    async def stop(self, *, drain=True, timeout=5.0):
        if drain:
            await asyncio.wait([asyncio.ensure_future(self._deliver())], timeout=timeout)


async def verdict(make, params):
    downstream = Slow(params["delay"])
    sink = make(downstream)
    await sink.start()
    for n in range(params["events"]):
        sink.try_emit(type="event", data={"n": n})
    began = asyncio.get_running_loop().time()
    await sink.stop(drain=params["drain"], **({} if params["timeout"] is None else {"timeout": params["timeout"]}))
    took = round(asyncio.get_running_loop().time() - began, 1)
    arrived = downstream.arrived if params["arrive"] is not None else None
    expect_equal([arrived, took], [params["arrive"], params["took"]], "[events delivered, seconds stop() took]")


@promised
async def scenario(params):
    await verdict(need("stageflow.events:BackpressureAwareEventSink"), params)


async def control(params):
    await verdict(Plain, params)
