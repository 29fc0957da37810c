"""A sink that is empty, and therefore false, is used like any other."""

import asyncio

from components.lab.flow import RecordingSink
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="get_event_sink() takes an event sink whose length is 0 for no sink and passes it over",
    claim="The sink that was set or given is the one that is used; only where there is none does the default one step in.",
    source="docs/api/events.md#get_event_sink",
    component="stageflow.events.get_event_sink",
    subsystem="events",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="An in-memory sink that offers len() never gets an event, because it is empty; the events are discarded, or only logged.",
    recommendation="Compare with None instead of using 'or', in get_event_sink and for the downstream sink.",
    workaround="Give the sink a __bool__ that returns True.",
    virtual_time=True,
)

CASES = (
    Case("current sink", {"way": "current"}, cause="stageflow.events.sink:get_event_sink"),
    Case(
        "downstream sink",
        {"way": "downstream"},
        "BackpressureAwareEventSink takes a downstream sink whose length is 0 for no sink and only logs the events",
        "stageflow.events.BackpressureAwareEventSink",
        "stageflow.events.sink:BackpressureAwareEventSink.__init__",
    ),
)


class CountingSink(RecordingSink):
    """Tells how many events it has, as a collection does."""

    def __len__(self):
        return len(self.events)


async def send(way, sink):
    """Send one event in one of the ways."""
    events = need("stageflow.events")
    if way == "current":
        events.set_event_sink(sink)
        events.get_event_sink().try_emit(type="event", data={})
        return
    chain = events.BackpressureAwareEventSink(sink)
    await chain.start()
    chain.try_emit(type="event", data={})
    await asyncio.sleep(1)
    await chain.stop()


@promised
async def scenario(params):
    sink = CountingSink()
    await send(params["way"], sink)
    expect_equal(len(sink), 1, "events that an empty sink with len() gets, of 1 sent")


async def control(params):
    sink = RecordingSink()
    await send(params["way"], sink)
    expect_equal(len(sink.events), 1, "events that a sink without len() gets, of 1 sent")
