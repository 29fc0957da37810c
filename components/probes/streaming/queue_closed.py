"""A closed queue takes nothing more, gives out what it holds, and announces its end with its numbers."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A closed ChunkQueue accepts items, loses those it holds, or announces its end wrongly",
    claim="After close(), put() returns False, get() gives the remaining items and then None, is_closed is true, and one "
    "stream.queue_closed tells the final counts.",
    source="docs/api/events.md#streaming-telemetry-events",
    component="stageflow.helpers.ChunkQueue.close",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="The end of a stream is lost, or a consumer waits for more.",
    recommendation="Refuse puts, drain, then return None.",
    virtual_time=True,
)

CASES = (
    Case("empty", {"size": 3, "items": 0, "drop": False}),
    Case("some", {"size": 5, "items": 3, "drop": False}),
    Case("full", {"size": 3, "items": 3, "drop": False}),
    Case("full and dropping", {"size": 3, "items": 5, "drop": True}),
)


@promised
async def scenario(params):
    events = []
    queue = need("stageflow.helpers:ChunkQueue")(
        params["size"], drop_on_overflow=params["drop"], event_emitter=lambda kind, data: events.append([kind, data])
    )
    for n in range(params["items"]):
        await queue.put(n)
    before = queue.is_closed
    await queue.close()
    late = await queue.put("late")
    left = min(params["items"], params["size"])
    got = [await queue.get() for _ in range(left + 2)]
    told = [
        [data.get(name) for name in ("total_items", "dropped_items", "max_queue_size")]
        for kind, data in events
        if kind == "stream.queue_closed"
    ]
    kept = list(range(params["items"]))[-left:] if left else []
    wanted = [False, True, False, [*kept, None, None], [[params["items"], params["items"] - left, left]]]
    expect_equal([before, queue.is_closed, late, got, told], wanted, "[closed before, closed after, put accepted, got, counts announced]")


async def control(params):
    held = list(range(params["items"]))[-params["size"] :]
    got = [held.pop(0) if held else None for _ in range(min(params["items"], params["size"]) + 2)]
    expect_equal(got[-2:], [None, None], "a drained list gives None")
