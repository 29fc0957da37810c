"""A full event queue refuses exactly the events beyond its size, and tells how many and which."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureAwareEventSink keeps more or fewer events than its queue size, or miscounts the dropped ones",
    claim="The queue takes max_queue_size events; each one beyond is dropped, try_emit returns False for it, on_drop gets "
    "it, and the metrics count it.",
    source="docs/api/events.md#backpressureawareeventsink",
    component="stageflow.events.BackpressureAwareEventSink.try_emit",
    subsystem="events",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events are lost without being counted, or memory grows beyond the limit.",
    recommendation="Bound the queue by max_queue_size, and record every refusal in metrics and on_drop.",
    virtual_time=True,
)

CASES = (
    *(
        Case(f"{offered} into {size}", {"size": size, "offered": offered})
        for size, offered in ((1, 1), (1, 2), (3, 3), (3, 4), (5, 20), (1000, 1001))
    ),
    Case("1001 into the default", {"size": 1000, "offered": 1001, "default": True}),
)

METRICS = ("emitted", "dropped", "queue_full_count", "drop_rate_percent")


class Quiet:
    """Takes everything."""

    async def emit(self, *, type, data):
        return None


def by_hand(size, offered):
    """What the numbers must be."""
    kept, lost = min(size, offered), max(0, offered - size)
    rate = 100.0 * lost / offered
    return {
        "accepted": kept,
        "queued": kept,
        "emitted": kept,
        "dropped": lost,
        "full": lost,
        "rate": rate,
        "dict": [kept, lost, lost, round(rate, 2)],
        "told": list(range(size, offered)),
    }


@promised
async def scenario(params):
    told = []
    make = need("stageflow.events:BackpressureAwareEventSink")
    size = {} if params.get("default") else {"max_queue_size": params["size"]}
    sink = make(Quiet(), **size, on_drop=lambda kind, data: told.append(data["n"]))
    await sink.start()
    answers = [sink.try_emit(type="event", data={"n": n}) for n in range(params["offered"])]
    metrics, told_dict = sink.metrics, sink.metrics.to_dict()
    seen = {"accepted": answers.count(True), "queued": sink.queue_size, "emitted": metrics.emitted, "dropped": metrics.dropped}
    seen |= {"full": metrics.queue_full_count, "rate": metrics.drop_rate, "dict": [told_dict.get(key) for key in METRICS], "told": told}
    expect_equal(seen, by_hand(params["size"], params["offered"]), f"{params['offered']} events offered to a queue of {params['size']}")


async def control(params):
    waiting, told = [], []
    for n in range(params["offered"]):
        (waiting if len(waiting) < params["size"] else told).append(n)
    wanted = by_hand(params["size"], params["offered"])
    expect_equal([len(waiting), told], [wanted["queued"], wanted["told"]], "kept and dropped by a bounded list")
