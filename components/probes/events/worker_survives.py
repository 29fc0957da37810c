"""A downstream sink that raises, whatever it raises, costs that event only."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A failing delivery stops the background worker of the event sink",
    claim="When the downstream sink raises for one event, the worker goes on with the next ones.",
    source="docstring:stageflow.events.BackpressureAwareEventSink",
    component="stageflow.events.BackpressureAwareEventSink",
    subsystem="events",
    category="reliability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="After one network error no event arrives any more.",
    recommendation="Catch and log every Exception of the downstream sink.",
    virtual_time=True,
)

KINDS = {"ValueError": ValueError, "ConnectionError": ConnectionError, "KeyError": KeyError, "RuntimeError": RuntimeError}
CASES = tuple(Case(name, {"error": name}) for name in KINDS)


class Flaky:
    """Raises for the second event."""

    def __init__(self, error):
        self.error, self.seen = error, []

    async def emit(self, *, type, data):
        if data["number"] == 1:
            raise self.error("away")
        self.seen.append(data["number"])


@promised
async def scenario(params):
    flaky = Flaky(KINDS[params["error"]])
    sink = need("stageflow.events:BackpressureAwareEventSink")(flaky)
    await sink.start()
    for number in range(4):
        await sink.emit(type="e", data={"number": number})
    await asyncio.sleep(5)
    delivered = list(flaky.seen)
    await sink.stop()
    expect_equal(delivered, [0, 2, 3], "events delivered while the sink was running")


async def control(params):
    flaky = Flaky(KINDS[params["error"]])
    for number in range(4):
        try:
            await flaky.emit(type="e", data={"number": number})
        except Exception as error:
            expect_equal(type(error).__name__, params["error"], "the error of the delivery")
    expect_equal(flaky.seen, [0, 2, 3], "events delivered")
