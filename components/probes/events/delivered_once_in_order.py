"""Every event a running sink accepts reaches the downstream sink once and in order."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureAwareEventSink loses, repeats or reorders accepted events",
    claim="Accepted events are handed to the downstream sink exactly once, in the order of acceptance, also when it is "
    "slow or refuses some.",
    source="invariant:conservation",
    component="stageflow.events.BackpressureAwareEventSink",
    subsystem="events",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The record of a run has holes, repeats or steps in the wrong order.",
    recommendation="Take one event from the queue, deliver it, take the next; count a refusal and go on.",
    virtual_time=True,
)

CASES = (
    Case("quick", {"delay": 0.0, "refuse": [], "pause": 0.0, "way": "try_emit"}),
    Case("slow", {"delay": 0.3, "refuse": [], "pause": 0.0, "way": "try_emit"}),
    Case("slow producer", {"delay": 0.0, "refuse": [], "pause": 0.35, "way": "try_emit"}),
    Case("refuses some", {"delay": 0.0, "refuse": [0, 3, 4], "pause": 0.0, "way": "try_emit"}),
    Case("awaited", {"delay": 0.02, "refuse": [], "pause": 0.0, "way": "emit"}),
    Case("awaited, refuses some", {"delay": 0.02, "refuse": [5], "pause": 0.15, "way": "emit"}),
)
COUNT = 8


class Recorder:
    """Keeps what it was handed, slowly, refusing some."""

    def __init__(self, delay, refuse):
        self.delay, self.refuse, self.handed = delay, refuse, []

    async def emit(self, *, type, data):
        self.handed.append([type, data["n"]])
        await asyncio.sleep(self.delay)
        if data["n"] in self.refuse:
            raise OSError("refused")


class Plain:
    """A queue and a worker, in plain asyncio."""

    def __init__(self, downstream, *, max_queue_size):
        self._queue = asyncio.Queue(max_queue_size)
        self._downstream = downstream

    async def start(self):
        self._worker = asyncio.ensure_future(self._work())

    async def _work(self):
        while True:
            kind, data = await self._queue.get()
            await asyncio.gather(self._downstream.emit(type=kind, data=data), return_exceptions=True)

    async def emit(self, *, type, data):
        await self._queue.put((type, data))

    def try_emit(self, *, type, data):
        self._queue.put_nowait((type, data))

    async def stop(self):
        self._worker.cancel()


async def verdict(make, params):
    downstream = Recorder(params["delay"], params["refuse"])
    sink = make(downstream, max_queue_size=4 if params["way"] == "emit" else 100)
    await sink.start()
    for n in range(COUNT):
        if params["way"] == "emit":
            await sink.emit(type=f"event.{n}", data={"n": n})
        else:
            sink.try_emit(type=f"event.{n}", data={"n": n})
        if params["pause"]:
            await asyncio.sleep(params["pause"])
    await asyncio.sleep(60)
    await sink.stop()
    expect_equal(downstream.handed, [[f"event.{n}", n] for n in range(COUNT)], "events handed to the downstream sink")


@promised
async def scenario(params):
    await verdict(need("stageflow.events:BackpressureAwareEventSink"), params)


async def control(params):
    await verdict(Plain, params)
