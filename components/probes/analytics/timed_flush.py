"""Buffered events are written when the flush interval is over, again and again, not earlier and not later."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BufferedExporter does not flush at its interval",
    claim="flush_interval_seconds is the maximum time, in seconds, before buffered events are written.",
    source="docstring:stageflow.helpers.analytics.BufferedExporter.__init__",
    component="stageflow.helpers.BufferedExporter.flush_interval_seconds",
    subsystem="analytics",
    category="reliability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events of a quiet service arrive hours late, or each in a batch of its own.",
    recommendation="Sleep flush_interval_seconds between flushes.",
    virtual_time=True,
)

CASES = (
    Case("two seconds", {"options": {"flush_interval_seconds": 2.0}, "seconds": 2}),
    Case("default", {"options": {}, "seconds": 10}),
    Case("legacy name", {"options": {"flush_interval": 4.0}, "seconds": 4}),
    Case("legacy name first", {"options": {"flush_interval": 4.0, "flush_interval_seconds": 90.0}, "seconds": 4}),
)


class Clocked:
    """Notes at what second each event was written."""

    def __init__(self):
        self.written, self.began = [], asyncio.get_running_loop().time()

    async def export_batch(self, events):
        self.written += [round(asyncio.get_running_loop().time() - self.began, 1)] * len(events)


class Plain:
    """The rule in plain asyncio."""

    def __init__(self, exporter, *, flush_interval_seconds=10.0, flush_interval=None):
        self._exporter, self._waiting = exporter, []
        self._task = asyncio.ensure_future(self._loop(flush_interval or flush_interval_seconds))

    async def _loop(self, seconds):
        while True:
            await asyncio.sleep(seconds)
            batch, self._waiting = self._waiting, []
            await self._exporter.export_batch(batch)

    async def export(self, event):
        self._waiting.append(event)


async def verdict(make, params):
    event = need("stageflow.helpers:AnalyticsEvent")
    base, seconds = Clocked(), params["seconds"]
    buffered = make(base, **params["options"])
    await buffered.export(event("probe"))
    await asyncio.sleep(seconds * 1.5)
    await buffered.export(event("probe"))
    await asyncio.sleep(seconds * 3)
    expect_equal(
        base.written, [float(seconds), float(seconds * 2)], "seconds at which two events, one and a half intervals apart, are written"
    )


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:BufferedExporter"), params)


async def control(params):
    await verdict(Plain, params)
