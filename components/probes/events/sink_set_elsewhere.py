"""The documentation calls the current event sink global; setting it in one task reaches no other."""

import asyncio

from components.lab.flow import RecordingSink
from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="set_event_sink is documented as setting the global sink, but a sink set in a start-up task or another thread is "
    "not seen by others",
    claim="'Set the global event sink.'",
    source="docs/api/events.md#set_event_sink",
    component="stageflow.events.set_event_sink",
    subsystem="events",
    category="silent_failures",
    type="documentation",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="A service that sets its sink in a start-up hook discards the events of all requests without a word.",
    recommendation="Say in the documentation that the sink holds for the current context and the tasks started from it, and where "
    "to set it.",
    workaround="Set the sink before the event loop starts, or at the beginning of every request.",
    cause="stageflow.events.sink:set_event_sink",
)

CASES = (Case("start-up task", {"where": "task"}), Case("thread", {"where": "thread"}))


@promised
async def scenario(params):
    events = need("stageflow.events")
    sink = RecordingSink()

    async def start_up():
        events.set_event_sink(sink)

    if params["where"] == "thread":
        await asyncio.to_thread(events.set_event_sink, sink)
    else:
        await asyncio.ensure_future(start_up())
    await asyncio.ensure_future(events.emit_event(type="request.done", data={}))
    expect(len(sink.events) == 1, "an event emitted by a request reaches the sink set at start-up", "the event is discarded")


async def control(params):
    events = need("stageflow.events")
    sink = RecordingSink()
    events.set_event_sink(sink)
    await asyncio.ensure_future(events.emit_event(type="request.done", data={}))
    expect(len(sink.events) == 1, "an event emitted by a request reaches the sink set before", "the event is discarded")
