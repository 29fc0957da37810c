"""While the back end stalls, events are buffered up to the limit; producers are not held up."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BufferedExporter holds its lock while it writes: a stalled back end blocks every producer, and max_buffer_size "
    "never takes effect",
    claim="max_buffer_size is the maximum of events to buffer; the oldest are dropped if it is exceeded: while a batch is "
    "being written, export() goes on buffering.",
    source="docstring:stageflow.helpers.analytics.BufferedExporter.__init__",
    component="stageflow.helpers.BufferedExporter.export",
    subsystem="analytics",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="A slow analytics back end stops the pipelines that report to it, instead of costing the oldest analytics events.",
    recommendation="Take the batch out under the lock and write it after releasing the lock, as the comment there says.",
    workaround="Put BackpressureAwareEventSink in front of the exporter.",
    virtual_time=True,
)

CASES = (
    Case("a few more", {"batch": 2, "limit": 100, "more": 5, "dropped": 0}),
    Case("more than the limit", {"batch": 2, "limit": 3, "more": 5, "dropped": 2}),
)


class Stalled:
    """Never finishes writing."""

    async def export_batch(self, events):
        await asyncio.sleep(1e6)


class Buffering:
    """A buffer that writes aside, in plain asyncio."""

    def __init__(self, exporter, *, batch_size, max_buffer_size, flush_interval_seconds):
        self._exporter, self._size, self._limit, self._buffer, self.dropped_count, self._task = (
            exporter,
            batch_size,
            max_buffer_size,
            [],
            0,
            None,
        )

    async def export(self, event):
        if len(self._buffer) >= self._limit:
            self._buffer.pop(0)
            self.dropped_count += 1
        self._buffer.append(event)
        if len(self._buffer) >= self._size and self._task is None:
            self._task = asyncio.ensure_future(self._exporter.export_batch(list(self._buffer)))
            self._buffer.clear()


async def verdict(make, params):
    event = need("stageflow.helpers:AnalyticsEvent")
    buffered = make(Stalled(), batch_size=params["batch"], max_buffer_size=params["limit"], flush_interval_seconds=1e7)
    accepted = []

    async def produce():
        for n in range(params["batch"] + params["more"]):
            await buffered.export(event("probe", data={"n": n}))
            accepted.append(n)

    producers = [asyncio.ensure_future(produce())]
    await asyncio.wait(producers, timeout=600)
    wanted = [params["batch"] + params["more"], params["dropped"]]
    expect_equal(
        [len(accepted), buffered.dropped_count],
        wanted,
        "[export() calls that returned within 10 min, dropped_count] while the back end stalls",
    )


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:BufferedExporter"), params)


async def control(params):
    await verdict(Buffering, params)
