"""One failing timed flush does not end timed flushing."""

import asyncio

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="One failed timed flush ends BufferedExporter's flush loop for good, and close() fails with the old error",
    claim="flush_interval_seconds is the maximum time before a flush, also after a flush has failed.",
    source="docstring:stageflow.helpers.analytics.BufferedExporter.__init__",
    component="stageflow.helpers.analytics.BufferedExporter._flush_loop",
    subsystem="analytics",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="After one hiccup of the back end, a quiet service writes no analytics any more until a batch happens to fill up, and what is "
    "buffered at the end is lost: close() raises the old error before it flushes.",
    recommendation="Catch and log exceptions of the flush in the loop.",
    workaround="Wrap an exporter whose export_batch never raises.",
    virtual_time=True,
    cause="stageflow.helpers.analytics:BufferedExporter._flush_loop",
)

CASES = (Case("events after the failure", {"how": "later"}), Case("events before close", {"how": "close"}))


class Shaky:
    """Fails the first batch."""

    def __init__(self):
        self.calls, self.written = 0, []

    async def export_batch(self, events):
        self.calls += 1
        if self.calls == 1:
            raise OSError("back end away")
        self.written += [event.data["n"] for event in events]

    async def close(self):
        return None


class Looping:
    """A buffer with a sound timer, in plain asyncio."""

    def __init__(self, exporter, *, batch_size, flush_interval_seconds):
        self._exporter, self._waiting, self._every = exporter, [], flush_interval_seconds
        self._task = asyncio.ensure_future(self._loop())

    async def _loop(self):
        while True:
            await asyncio.sleep(self._every)
            await outcome(self._flush())

    async def _flush(self):
        if self._waiting:
            await self._exporter.export_batch(list(self._waiting))
            self._waiting.clear()

    async def export(self, event):
        self._waiting.append(event)

    async def close(self):
        self._task.cancel()
        await self._flush()


async def verdict(make, how):
    event = need("stageflow.helpers:AnalyticsEvent")
    base = Shaky()
    buffered = make(base, batch_size=100, flush_interval_seconds=10.0)
    await buffered.export(event("probe", data={"n": 0}))
    await asyncio.sleep(15)
    await buffered.export(event("probe", data={"n": 1}))
    if how == "close":
        await outcome(buffered.close())
    else:
        await asyncio.sleep(60)
    expect_equal(
        1 in base.written, True, "the event after the failed flush is written" + (" by close()" if how == "close" else " within a minute")
    )


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:BufferedExporter"), params["how"])


async def control(params):
    await verdict(Looping, params["how"])
