"""A full buffer drops the oldest events, counts them, and tells its callback."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BufferedExporter drops other events than the oldest on overflow, or miscounts them",
    claim="When max_buffer_size is exceeded the oldest events are dropped; dropped_count and on_overflow tell how many, "
    "on_overflow also gets one -1 at the high water mark.",
    source="docs/advanced/testing.md#7-test-analytics-overflow-callbacks",
    component="stageflow.helpers.BufferedExporter.max_buffer_size",
    subsystem="analytics",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="The latest events, those about the present trouble, are lost, or losses go uncounted.",
    recommendation="Drop from the front of the buffer, count, then append.",
    virtual_time=True,
)

CASES = (
    Case("below the mark", {"limit": 10, "mark": 0.8, "events": 7, "dropped": 0, "told": []}),
    Case("at the mark", {"limit": 10, "mark": 0.8, "events": 8, "dropped": 0, "told": [[-1, 8]]}),
    Case("full", {"limit": 10, "mark": 0.8, "events": 10, "dropped": 0, "told": [[-1, 8]]}),
    Case("one too many", {"limit": 10, "mark": 0.8, "events": 11, "dropped": 1, "told": [[-1, 8], [1, 9]]}),
    Case("three too many", {"limit": 4, "mark": 1.0, "events": 7, "dropped": 3, "told": [[-1, 4], [1, 3], [2, 3], [3, 3]]}),
    Case("limit of one", {"limit": 1, "mark": 1.0, "events": 2, "dropped": 1, "told": [[-1, 1], [1, 0]]}),
)


class Recorder:
    """Keeps what is written."""

    def __init__(self):
        self.written = []

    async def export_batch(self, events):
        self.written += [event.data["n"] for event in events]

    async def close(self):
        return None


@promised
async def scenario(params):
    event, base, told = need("stageflow.helpers:AnalyticsEvent"), Recorder(), []
    buffered = need("stageflow.helpers:BufferedExporter")(
        base,
        batch_size=1000,
        max_buffer_size=params["limit"],
        high_water_mark=params["mark"],
        on_overflow=lambda dropped, size: told.append([dropped, size]),
    )
    for n in range(params["events"]):
        await buffered.export(event("probe", data={"n": n}))
    held = min(params["limit"], params["events"])
    stats = buffered.stats
    seen = [
        buffered.dropped_count,
        stats["dropped_count"],
        buffered.buffer_size,
        stats["buffer_size"],
        stats["max_buffer_size"],
        stats["fill_ratio"],
    ]
    expect_equal(
        seen,
        [params["dropped"]] * 2 + [held] * 2 + [params["limit"], held / params["limit"]],
        "[dropped twice, held twice, limit, fill ratio]",
    )
    await buffered.close()
    expect_equal(base.written, list(range(params["events"]))[-held:], "events written in the end")
    expect_equal(told, params["told"], "[dropped, buffered] told to on_overflow")


async def control(params):
    held, dropped = [], 0
    for n in range(params["events"]):
        if len(held) >= params["limit"]:
            held.pop(0)
            dropped += 1
        held.append(n)
    expect_equal([dropped, held], [params["dropped"], list(range(params["events"]))[-len(held) :]], "dropped and held by a bounded list")
