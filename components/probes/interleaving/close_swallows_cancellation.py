"""A task that is cancelled while it stops a sink or closes an exporter ends cancelled."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureAwareEventSink.stop() swallows the cancellation of its caller",
    claim="A task that is cancelled while it waits for a background task to end is cancelled too, so that time-outs and task groups work.",
    source="invariant:cancellation",
    component="stageflow.events.BackpressureAwareEventSink.stop.cancelled",
    subsystem="events",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="asyncio.timeout() around a shutdown, or a task group, has no effect: the caller goes on as if it had not been called off.",
    recommendation="Await the background task with asyncio.wait([task]), which raises CancelledError only when the caller is cancelled.",
    workaround="Run stop() or close() as a task of its own and await it with asyncio.wait(…, timeout=…).",
    virtual_time=True,
    cause="stageflow.events.sink:BackpressureAwareEventSink.stop #swallows-cancellation",
)

CASES = (
    Case("sink stop", {"what": "sink"}),
    Case(
        "exporter close",
        {"what": "exporter"},
        title="BufferedExporter.close() swallows the cancellation of its caller",
        component="stageflow.helpers.BufferedExporter.close.cancelled",
        cause="stageflow.helpers.analytics:BufferedExporter.close #swallows-cancellation",
    ),
)


class SlowEnd:
    """A sink and exporter that needs a minute for everything, and two seconds to give up when it is cancelled."""

    async def emit(self, *, type, data):
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(2)

    async def export_batch(self, events):
        await self.emit(type="batch", data={})

    async def close(self):
        """Nothing to do."""


async def ends_how(shut_down):
    """How a caller ends that is cancelled one second after it began to shut down."""

    async def caller():
        await shut_down()
        await asyncio.sleep(3600)  # what the caller would do next

    task = asyncio.ensure_future(caller())
    asyncio.get_running_loop().call_later(1, task.cancel)
    await asyncio.wait([task], timeout=600)
    running = not task.done()
    task.cancel()
    how = await ending(task)
    expect_equal("goes on" if running else how, "cancelled", "what becomes of a task that was cancelled in its shutdown")


async def scenario(params):
    if params["what"] == "sink":
        sink = need("stageflow.events:BackpressureAwareEventSink")(SlowEnd())
        await sink.emit(type="event", data={})
        await asyncio.sleep(0.5)
        await ends_how(lambda: sink.stop(drain=False))
    else:
        exporter = need("stageflow.helpers:BufferedExporter")(SlowEnd(), flush_interval_seconds=1.0)
        await exporter.export(need("stageflow.helpers:AnalyticsEvent")("probe"))
        await asyncio.sleep(1.5)
        await ends_how(exporter.close)


async def control(params):
    worker = asyncio.ensure_future(SlowEnd().emit(type="event", data={}))
    await asyncio.sleep(0.5)

    async def stop():
        worker.cancel()
        await asyncio.wait([worker])

    await ends_how(stop)
