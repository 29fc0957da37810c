"""A background task of the library that is cancelled, wherever it is, ends: a program can shut down."""

import asyncio

from components.lab.interleave_kit import LATE, cut_everywhere
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="A background task swallows its cancellation and goes on: the process never exits",
    claim="Background tasks end when they are cancelled, as asyncio.run() does with every task at the end of a program.",
    source="invariant:cancellation",
    component="stageflow.helpers.BufferedExporter.export.flush_loop",
    subsystem="analytics",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="Deployments wait for their time-out and kill the process, with whatever it still had to write.",
    recommendation="Let CancelledError leave the loop of the task, also when it arrives together with the next item.",
    workaround="Stop what works in the background, in a finally block, before the program ends.",
    seconds=30.0,
)

CASES = (
    Case("flush loop", {"target": "exporter"}),
    Case(
        "sink worker",
        {"target": "sink"},
        title="Process never exits: the worker of BackpressureAwareEventSink swallows its cancellation",
        component="stageflow.events.BackpressureAwareEventSink._worker",
        cause="stageflow.events.sink:BackpressureAwareEventSink._worker",
    ),
)


class Slow:
    """A sink and exporter that takes a while."""

    async def emit(self, *, type, data):
        await asyncio.sleep(0.05)

    async def export_batch(self, events):
        await asyncio.sleep(0.5)

    async def close(self):
        """Nothing to do."""


async def started_by(start):
    """The task that `start` leaves running."""
    before = asyncio.all_tasks()
    await start()
    (task,) = asyncio.all_tasks() - before
    return task


async def stays_cancelled(cut, task, feed):
    """The task is cut while it is fed for two seconds; long after that it has ended."""
    cut.watch(task)
    for _ in range(4):
        await feed()
        await asyncio.sleep(0.25)
    if cut.made:
        await asyncio.sleep(LATE / 4)
        expect(task.done(), "a cancelled background task ends", "it goes on")


async def sink(cut):
    made = need("stageflow.events:BackpressureAwareEventSink")(Slow())

    async def feed():
        made.try_emit(type="event", data={})

    await stays_cancelled(cut, await started_by(made.start), feed)


async def exporter(cut):
    made = need("stageflow.helpers:BufferedExporter")(Slow(), flush_interval_seconds=0.2)

    async def feed():
        await made.export(need("stageflow.helpers:AnalyticsEvent")("probe"))

    await stays_cancelled(cut, await started_by(feed), feed)


async def plain(cut):
    queue = asyncio.Queue()

    async def work():
        while True:
            await Slow().emit(type="event", data=await queue.get())

    async def start():
        asyncio.ensure_future(work())  # noqa: RUF006 - the loop's task list keeps it for this test

    await stays_cancelled(cut, await started_by(start), lambda: queue.put({}))


def scenario(params):
    cut_everywhere({"sink": sink, "exporter": exporter}[params["target"]])


def control(params):
    cut_everywhere(plain)
