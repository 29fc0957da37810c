"""Waiting for pending event tasks waits for them."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="wait_for_event_sink_tasks() waits for nothing: no sink registers its pending emits",
    claim="wait_for_event_sink_tasks() awaits any pending emit tasks of event sinks.",
    source="docstring:stageflow.events.sink.wait_for_event_sink_tasks",
    component="stageflow.events.wait_for_event_sink_tasks",
    subsystem="events",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events handed to AnalyticsSink.try_emit are lost at the end of the process, although the program waited for them.",
    recommendation="Let AnalyticsSink.try_emit add its task to the pending set, and discard it when done.",
    workaround="Use await sink.emit(...) where losing events matters.",
    virtual_time=True,
    cause="stageflow.helpers.analytics:AnalyticsSink.try_emit",
)

CASES = (Case("one event", {"events": 1}), Case("five events", {"events": 5}))


class SlowExporter:
    """Takes a tenth of a second for each event."""

    def __init__(self):
        self.exported = []

    async def export(self, event):
        await asyncio.sleep(0.1)
        self.exported.append(event.event_type)


@promised
async def scenario(params):
    exporter = SlowExporter()
    sink = need("stageflow.helpers.analytics:AnalyticsSink")(exporter)
    for n in range(params["events"]):
        sink.try_emit(type=f"event.{n}", data={})
    await need("stageflow.events:wait_for_event_sink_tasks")()
    expect_equal(len(exporter.exported), params["events"], "events exported when wait_for_event_sink_tasks() has returned")


async def control(params):
    exporter = SlowExporter()
    sink = need("stageflow.helpers.analytics:AnalyticsSink")(exporter)
    for n in range(params["events"]):
        await sink.emit(type=f"event.{n}", data={})
    expect_equal(len(exporter.exported), params["events"], "events exported when each emit was awaited")
