"""A batch that could not be written is kept for the next try."""

import asyncio

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BufferedExporter drops the whole batch when one write fails or is cancelled: the buffer is cleared before the write",
    claim="Buffered events are written, or stay in the buffer: after one failed write and a successful one, all events have arrived.",
    source="invariant:conservation",
    component="stageflow.helpers.analytics.BufferedExporter._do_flush",
    subsystem="analytics",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="One hiccup of the analytics back end, or closing while a timed flush is writing, costs every event of the batch; dropped_count "
    "stays at 0.",
    recommendation="Remove the events from the buffer only after export_batch has returned, or put them back when it raises.",
    workaround="Wrap an exporter that keeps and retries what it could not write, and await flush() before close().",
    virtual_time=True,
    cause="stageflow.helpers.analytics:BufferedExporter._do_flush",
)

CASES = (
    Case("full batch fails once", {"how": "batch"}),
    Case("flush fails once", {"how": "flush"}),
    Case("closed during a timed flush", {"how": "close"}),
)


class Shaky:
    """Fails the first batch, or is slow."""

    def __init__(self, how):
        self.how, self.calls, self.written = how, 0, []

    async def export_batch(self, events):
        self.calls += 1
        if self.how == "close":
            await asyncio.sleep(5)
        elif self.calls == 1:
            raise OSError("back end away")
        self.written += [event.data["n"] for event in events]

    async def close(self):
        return None


class Keeping:
    """A sound buffer in plain Python."""

    def __init__(self, exporter, *, batch_size, flush_interval_seconds):
        self._exporter, self._size, self._waiting = exporter, batch_size, []

    async def export(self, event):
        self._waiting.append(event)
        if len(self._waiting) >= self._size:
            await self.flush()

    async def flush(self):
        await self._exporter.export_batch(self._waiting)
        self._waiting = []

    async def close(self):
        if self._waiting:
            await self.flush()


async def verdict(make, how):
    event = need("stageflow.helpers:AnalyticsEvent")
    base = Shaky(how)
    buffered = make(base, batch_size=3 if how == "batch" else 100, flush_interval_seconds=10.0 if how == "close" else 1e6)
    for n in range(3):
        await outcome(buffered.export(event("probe", data={"n": n})))
    if how == "close":
        await asyncio.sleep(12)
    else:
        await outcome(buffered.flush())
    await outcome(buffered.close())
    expect_equal(sorted(set(base.written)), [0, 1, 2], "events written in the end, of 0, 1 and 2")


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:BufferedExporter"), params["how"])


async def control(params):
    await verdict(Keeping, params["how"])
