"""The current event sink is the one set last in this flow of control, and nobody else's."""

import asyncio

from components.lab.flow import RecordingSink
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The current event sink is not the one that was set",
    claim="emit_event goes to the sink set last; clear_event_sink goes back to discarding; tasks that run side by side do "
    "not get each other's sink.",
    source="docs/api/events.md#event-management",
    component="stageflow.events.set_event_sink",
    subsystem="events",
    category="security",
    type="bug",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Events of one request reach the sink of another tenant, or none.",
    recommendation="Keep the sink in a ContextVar and return what it holds.",
)

CASES = (
    Case("set", {"way": "set", "events": [["first", 0], ["first", 1]]}),
    Case("set twice", {"way": "set twice", "events": [["first", 0], ["second", 1]]}),
    Case("cleared", {"way": "cleared", "events": [["first", 0]]}),
    Case("never set", {"way": "never", "events": []}),
    Case("inherited by tasks", {"way": "task", "events": [["first", 0], ["first", 1]]}),
    Case("side by side", {"way": "side by side", "events": [["first", 0], ["first", 2], ["second", 1], ["second", 3]]}),
)


class Shared(RecordingSink):
    """Keeps its events in one list with other sinks."""

    def __init__(self, name, log):
        super().__init__()
        self.name, self.log = name, log

    async def emit(self, *, type, data):
        self.log.append([self.name, data["n"]])


class Holder:
    """The current sink as a plain attribute per task."""

    def __init__(self):
        self._sinks = {}

    def set_event_sink(self, sink):
        self._sinks[asyncio.current_task()] = sink

    def clear_event_sink(self):
        self._sinks.clear()

    async def emit_event(self, *, type, data):
        sink = self._sinks.get(asyncio.current_task()) or next(iter(self._sinks.values()), None)
        if sink is not None:
            await sink.emit(type=type, data=data)


async def two_events(events, sink, numbers):
    """Set the sink if any, emit, let others run, emit."""
    if sink is not None:
        events.set_event_sink(sink)
    for n in numbers:
        await events.emit_event(type="event", data={"n": n})
        await asyncio.sleep(0.01)


async def play_case(events, way, first, second):
    if way == "side by side":
        await asyncio.gather(two_events(events, first, (0, 2)), two_events(events, second, (1, 3)))
        return
    if way != "never":
        events.set_event_sink(first)
    await events.emit_event(type="event", data={"n": 0})
    if way == "set twice":
        events.set_event_sink(second)
    if way == "cleared":
        events.clear_event_sink()
    if way == "task":
        await asyncio.ensure_future(two_events(events, None, (1,)))
    else:
        await events.emit_event(type="event", data={"n": 1})


async def verdict(events, params):
    log = []
    await asyncio.ensure_future(play_case(events, params["way"], Shared("first", log), Shared("second", log)))
    expect_equal(sorted(log), params["events"], "[sink, event]")


@promised
async def scenario(params):
    need("stageflow.events:emit_event")
    await verdict(need("stageflow.events"), params)


async def control(params):
    await verdict(Holder(), params)
