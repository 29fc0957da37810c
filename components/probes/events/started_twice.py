"""However often a sink is started, one worker delivers its events one at a time and in order."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A sink that is started twice delivers its events side by side",
    claim="start() on a running sink changes nothing: events are delivered once each, in order, one at a time.",
    source="invariant:idempotence",
    component="stageflow.events.BackpressureAwareEventSink.start",
    subsystem="events",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Events reach the store out of order, through a second worker that nobody stops.",
    recommendation="Return at once when the sink is running.",
    virtual_time=True,
)

CASES = (Case("once", {"starts": 1}), Case("twice", {"starts": 2}), Case("five times", {"starts": 5}))


class Slow:
    """Takes a second for each event, the later ones less."""

    def __init__(self):
        self.busy = self.most = 0
        self.seen = []

    async def emit(self, *, type, data):
        self.busy += 1
        self.most = max(self.most, self.busy)
        await asyncio.sleep(1 / (1 + data["number"]))
        self.busy -= 1
        self.seen.append(data["number"])

    def try_emit(self, *, type, data):
        self.seen.append(data["number"])


@promised
async def scenario(params):
    slow = Slow()
    sink = need("stageflow.events:BackpressureAwareEventSink")(slow)
    for _ in range(params["starts"]):
        await sink.start()
    for number in range(5):
        await sink.emit(type="e", data={"number": number})
    await asyncio.sleep(10)
    await sink.stop()
    expect_equal([slow.seen, slow.most], [list(range(5)), 1], "[events in order, deliveries at the same time]")


async def control(params):
    slow = Slow()
    for number in range(5):
        await slow.emit(type="e", data={"number": number})
    expect_equal([slow.seen, slow.most], [list(range(5)), 1], "[events in order, deliveries at the same time]")
