"""A process that emitted events ends when its main function does."""

import subprocess
import sys

from components.lab.probe import Case, Probe, Violation, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The process never ends when a BackpressureAwareEventSink was not stopped: its worker swallows the cancellation at shutdown",
    claim="asyncio.run() returns when main() does: the background worker of a sink ends when it is cancelled.",
    source="invariant:cancellation",
    component="stageflow.events.BackpressureAwareEventSink._worker",
    subsystem="events",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="Jobs that forget stop(), or crash before it, hang for ever instead of ending.",
    recommendation="Await self._queue.get() without asyncio.wait_for, which may swallow the cancellation, and leave the loop on "
    "CancelledError.",
    workaround="Call stop() in a finally block around everything that emits.",
    seconds=40.0,
)

CASES = (Case("try_emit without stop", {"events": 3}),)

SCRIPT = """
import asyncio, logging
logging.disable(logging.CRITICAL)
from stageflow.events import {sink}
async def main():
    sink = {sink}()
    for n in range({events}):
        sink.try_emit(type='event', data={{}})
async def limited():
    await asyncio.wait_for(main(), 60)
    print('main returned', flush=True)
asyncio.run(limited())
"""


def ends(sink, events):
    """The program ends by itself within 6 real seconds after its main function."""
    command = [sys.executable, "-c", SCRIPT.format(sink=sink, events=events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        assert program.stdout.readline().strip() == "main returned"
        try:
            program.wait(6)
        except subprocess.TimeoutExpired:
            program.kill()
            return False
    return True


def verdict(sink, params):
    if not all(ends(sink, params["events"]) for _ in range(2)):
        raise Violation("the process ends after main() has returned", "it is still running 6 s later")


@promised
def scenario(params):
    need("stageflow.events:BackpressureAwareEventSink")
    need("stageflow.context:RunIdentity")().to_dict()
    verdict("BackpressureAwareEventSink", params)


def control(params):
    verdict("NoOpEventSink", params)
