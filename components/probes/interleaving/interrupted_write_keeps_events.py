"""A write that is interrupted, by close() or because its caller is cancelled, loses no events."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BufferedExporter.close() during a timed flush loses the batch that is being written",
    claim="Events that a buffered exporter has accepted are written by the time close() has returned, when the back end works.",
    source="invariant:conservation",
    component="stageflow.helpers.BufferedExporter.close.flushing",
    subsystem="analytics",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Whoever shuts down while the timer writes loses everything that was buffered, without any error.",
    recommendation="Put the batch back when export_batch is left by an exception or a cancellation, before the final flush of close().",
    workaround="Call flush() before close().",
    virtual_time=True,
    cause="stageflow.helpers.analytics:BufferedExporter._do_flush",
)

CASES = (
    Case("closed during a timed flush", {"how": "close"}),
    Case(
        "writer cancelled",
        {"how": "cancel"},
        title="Cancelling the caller whose export() fills the batch loses the events of everybody else",
        component="stageflow.helpers.BufferedExporter.export.cancelled",
    ),
)
EVENTS = [0, 1, 2]


class SlowExporter:
    """Takes a second for a batch."""

    def __init__(self):
        self.written = []

    async def export_batch(self, events):
        await asyncio.sleep(1)
        self.written += [event.data["n"] for event in events]

    async def close(self):
        """Nothing to do."""


async def scenario(params):
    base, event = SlowExporter(), need("stageflow.helpers:AnalyticsEvent")
    buffered = need("stageflow.helpers:BufferedExporter")(base, batch_size=len(EVENTS) + 1, flush_interval_seconds=5.0)
    for n in EVENTS:
        await buffered.export(event("probe", data={"n": n}))
    if params["how"] == "close":
        await asyncio.sleep(5.5)
    else:
        last = asyncio.ensure_future(buffered.export(event("probe", data={"n": "last"})))
        await asyncio.sleep(0.5)
        last.cancel()
        await asyncio.wait([last])
    await buffered.close()
    expect_equal([n for n in base.written if n != "last"], EVENTS, "events written when close() has returned")


async def control(params):
    base, event = SlowExporter(), need("stageflow.helpers:AnalyticsEvent")
    write = asyncio.ensure_future(base.export_batch([event("probe", data={"n": n}) for n in EVENTS]))
    await asyncio.sleep(0.5)
    await asyncio.wait([write])
    expect_equal(base.written, EVENTS, "events written by a writer that is waited for")
