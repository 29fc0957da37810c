"""A queue that drops on overflow keeps the newest items, and counts and announces the others."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ChunkQueue with drop_on_overflow drops other items than the oldest, or miscounts them",
    claim="With drop_on_overflow the oldest item makes room for the new one; each drop is counted and emits stream.chunk_dropped.",
    source="docstring:stageflow.helpers.streaming.ChunkQueue.__init__",
    component="stageflow.helpers.ChunkQueue.drop_on_overflow",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A live stream plays what is long past and throws the present away.",
    recommendation="Take one item out of the full queue before putting the new one.",
    virtual_time=True,
)

CASES = (
    Case("just full", {"size": 3, "items": 3}),
    Case("one too many", {"size": 3, "items": 4}),
    Case("many", {"size": 3, "items": 10}),
    Case("size of one", {"size": 1, "items": 4}),
)


@promised
async def scenario(params):
    events = []
    queue = need("stageflow.helpers:ChunkQueue")(
        params["size"], drop_on_overflow=True, event_emitter=lambda kind, data: events.append(kind)
    )
    answers = [await queue.put(n) for n in range(params["items"])]
    length, stats = len(queue), queue.monitor.stats.to_dict()
    dropped = max(0, params["items"] - params["size"])
    kept = [queue.get_nowait() for _ in range(length)]
    seen = [
        kept,
        answers.count(True),
        stats.get("total_items"),
        stats.get("dropped_items"),
        events.count("stream.chunk_dropped"),
        stats.get("drop_rate"),
    ]
    wanted = [list(range(dropped, params["items"])), params["items"], params["items"], dropped, dropped, dropped / params["items"]]
    expect_equal(seen, wanted, "[kept, accepted, counted, dropped, announced, drop rate]")


async def control(params):
    kept = []
    for n in range(params["items"]):
        kept = [*kept, n][-params["size"] :]
    expect_equal(kept, list(range(max(0, params["items"] - params["size"]), params["items"])), "kept by a bounded list")
