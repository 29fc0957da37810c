"""A sink can be started and stopped any number of times, and delivers whenever it runs."""

import asyncio

from components.lab.flow import RecordingSink
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureAwareEventSink is in the wrong state after start or stop",
    claim="start() and stop() may be repeated; is_running tells the state; a sink starts itself on the first event and "
    "delivers again after a restart.",
    source="docstring:stageflow.events.sink.BackpressureAwareEventSink",
    component="stageflow.events.BackpressureAwareEventSink.start",
    subsystem="events",
    category="reliability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events are queued for ever, or delivered by two workers.",
    recommendation="Keep one worker while running and none after stop().",
    virtual_time=True,
)

STEPS = {
    "start stop": ["start", "emit", "wait", "stop"],
    "start twice": ["start", "start", "emit", "wait", "stop"],
    "stop twice": ["start", "emit", "wait", "stop", "stop"],
    "stop first": ["stop", "start", "emit", "wait"],
    "restart": ["start", "emit", "wait", "stop", "start", "emit", "wait", "stop"],
    "by itself": ["emit", "emit", "wait", "stop"],
    "by itself again": ["emit", "wait", "stop", "emit", "wait", "stop"],
    "awaited": ["await", "wait", "stop"],
}
CASES = tuple(Case(name, {"steps": steps}) for name, steps in STEPS.items())


class Plain:
    """Delivers at once."""

    def __init__(self, downstream):
        self._downstream, self.is_running = downstream, False

    async def start(self):
        self.is_running = True

    async def stop(self):
        self.is_running = False

    def try_emit(self, *, type, data):
        self.is_running = True
        self._downstream.try_emit(type=type, data=data)

    async def emit(self, *, type, data):
        self.try_emit(type=type, data=data)


async def take(sink, step, n):
    """One step of the life."""
    if step == "emit":
        sink.try_emit(type="event", data={"n": n})
    elif step == "await":
        await sink.emit(type="event", data={"n": n})
    elif step == "wait":
        await asyncio.sleep(5)
    else:
        await getattr(sink, step)()


async def verdict(make, steps):
    downstream = RecordingSink()
    sink = make(downstream)
    running, sent = [], 0
    for step in steps:
        await take(sink, step, sent)
        sent += step in ("emit", "await")
        running += [sink.is_running] if step in ("wait", "stop") else []
    wanted = [[step == "wait" for step in steps if step in ("wait", "stop")], list(range(sent))]
    expect_equal([running, [data["n"] for _, data in downstream.events]], wanted, "[is_running after each wait and stop, events delivered]")


@promised
async def scenario(params):
    await verdict(need("stageflow.events:BackpressureAwareEventSink"), params["steps"])


async def control(params):
    await verdict(Plain, params["steps"])
