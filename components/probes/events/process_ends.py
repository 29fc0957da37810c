"""A program that emitted events ends when its main function does."""

import asyncio

from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised
from components.lab.virtual_time import VirtualLoop

PROBE = Probe(
    title="A program that ends right after an event may never exit when its BackpressureAwareEventSink was not stopped: the worker "
    "swallows the cancellation",
    claim="asyncio.run() returns when main() does: the background worker of a sink ends when it is cancelled.",
    source="invariant:cancellation",
    component="stageflow.events.BackpressureAwareEventSink._worker",
    subsystem="events",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="On Python 3.11, a job that runs a pipeline with pipeline.wide events and forgets stop(), or fails before it, hangs for ever "
    "instead of ending; so do others whose last event comes just before the end.",
    recommendation="Await self._queue.get() without asyncio.wait_for, which may swallow the cancellation, and leave the loop on "
    "CancelledError.",
    workaround="Call stop() in a finally block around everything that emits.",
    cause="stageflow.events.sink:BackpressureAwareEventSink._worker",
)

CASES = (
    Case("try_emit without stop", {"events": 3}),
    Case("pipeline run without stop", {"events": 0}),
)
PATIENCE = 600.0
"""Virtual seconds for the end of the loop."""


async def emits(sink, count):
    """Leave some events with the sink."""
    for n in range(count):
        sink.try_emit(type="event", data={"n": n})


async def program(make, params):
    """The main function: events, or a pipeline run with its summary event at the end, and no stop()."""
    sink = make()
    if params["events"]:
        await asyncio.wait_for(emits(sink, params["events"]), 60)
        return
    if hasattr(sink, "start"):
        await sink.start()

    async def body(ctx):
        await asyncio.sleep(0.25)
        return need("stageflow:StageOutput").ok()

    await graph(pipeline(("answer", body)), emit_pipeline_wide_event=True).run(context(event_sink=sink))


def give_up():
    """Break out of the loop."""
    raise SystemExit


def verdict(make, params):
    """What asyncio.run does, in virtual time."""
    loop = VirtualLoop()
    runner = asyncio.Runner(loop_factory=lambda: loop)
    runner.run(program(make, params))
    loop.call_later(PATIENCE, give_up)
    ended = True
    try:
        runner.close()
    except SystemExit:
        ended = False
    expect(ended, "asyncio.run() returns after main() has returned", "it is still waiting for the sink's worker 10 minutes later")


@promised
def scenario(params):
    verdict(need("stageflow.events:BackpressureAwareEventSink"), params)


def control(params):
    verdict(need("stageflow.events:NoOpEventSink"), params)
