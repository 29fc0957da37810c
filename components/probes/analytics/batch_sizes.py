"""Buffered events arrive once, in order, in batches of the size asked for; the rest at flush or close."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BufferedExporter writes batches of another size, or loses, repeats or reorders events",
    claim="A batch is written as soon as batch_size events are buffered; flush(), close() and the timer write the rest; "
    "every event arrives once, in order.",
    source="docstring:stageflow.helpers.analytics.BufferedExporter.__init__",
    component="stageflow.helpers.BufferedExporter",
    subsystem="analytics",
    category="correctness",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Analytics are late, incomplete or counted twice.",
    recommendation="Write and clear the buffer when its length reaches batch_size, and on flush and close.",
    virtual_time=True,
)

CASES = (
    Case("exactly one batch", {"size": 3, "events": 3, "then": "nothing", "batches": [3]}),
    Case("one short", {"size": 3, "events": 2, "then": "nothing", "batches": []}),
    Case("several batches", {"size": 3, "events": 10, "then": "nothing", "batches": [3, 3, 3]}),
    Case("batch of one", {"size": 1, "events": 3, "then": "nothing", "batches": [1, 1, 1]}),
    Case("flush", {"size": 3, "events": 5, "then": "flush", "batches": [3, 2]}),
    Case("close", {"size": 3, "events": 5, "then": "close", "batches": [3, 2]}),
    Case("empty flush and close", {"size": 3, "events": 3, "then": "flush close", "batches": [3]}),
    Case("timer", {"size": 3, "events": 5, "then": "timer", "batches": [3, 2]}),
    Case("given as a batch", {"size": 3, "events": 7, "then": "export_batch", "batches": [3, 3]}),
    Case("concurrent", {"size": 4, "events": 12, "then": "gather", "batches": [4, 4, 4]}),
)


class Recorder:
    """Keeps the batches."""

    def __init__(self):
        self.batches, self.closed = [], 0

    async def export_batch(self, events):
        self.batches.append([event.data["n"] for event in events])
        await asyncio.sleep(0.01)

    async def flush(self):
        return None

    async def close(self):
        self.closed += 1


class Plain:
    """The rule in plain asyncio."""

    def __init__(self, exporter, *, batch_size, flush_interval_seconds):
        self._exporter, self._size, self._waiting = exporter, batch_size, []
        self._task = asyncio.ensure_future(self._later(flush_interval_seconds))

    async def _later(self, seconds):
        await asyncio.sleep(seconds)
        await self.flush()

    async def export(self, event):
        self._waiting.append(event)
        if len(self._waiting) >= self._size:
            await self.flush()

    async def export_batch(self, events):
        for event in events:
            await self.export(event)

    async def flush(self):
        batch, self._waiting = self._waiting, []
        if batch:
            await self._exporter.export_batch(batch)

    async def close(self):
        await self.flush()
        await self._exporter.close()


async def offer(buffered, events, then):
    if then == "export_batch":
        await buffered.export_batch(events)
    elif then == "gather":
        await asyncio.gather(*(buffered.export(event) for event in events))
    else:
        for event in events:
            await buffered.export(event)
    for step in then.split():
        if step in ("flush", "close"):
            await getattr(buffered, step)()
    if then == "timer":
        await asyncio.sleep(11)


async def verdict(make, params):
    event = need("stageflow.helpers:AnalyticsEvent")
    base = Recorder()
    buffered = make(base, batch_size=params["size"], flush_interval_seconds=10.0)
    await offer(buffered, [event("probe", data={"n": n}) for n in range(params["events"])], params["then"])
    numbers, wanted = iter(range(params["events"])), []
    for size in params["batches"]:
        wanted.append([next(numbers) for _ in range(size)])
    expect_equal([base.batches, base.closed], [wanted, int("close" in params["then"])], "[batches written, times the exporter was closed]")


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:BufferedExporter"), params)


async def control(params):
    await verdict(Plain, params)
