"""The high water warning comes once, and again only after the buffer has been emptied."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BufferedExporter repeats its high water warning, or never gives it again",
    claim="on_overflow gets -1 once when the buffer reaches the high water mark, and again when that happens after it was drained.",
    source="docs/advanced/testing.md#7-test-analytics-overflow-callbacks",
    component="stageflow.helpers.BufferedExporter.high_water_mark",
    subsystem="analytics",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Alerts come in floods, or not at all the second time.",
    recommendation="Warn on reaching the mark, and forget the warning when the fill is below half of it.",
    virtual_time=True,
)

CASES = (Case("once", {"rounds": [9]}), Case("again after a flush", {"rounds": [9, 9]}), Case("not when below", {"rounds": [9, 7, 7]}))


class Ignoring:
    """Takes everything."""

    async def export_batch(self, events):
        return None


@promised
async def scenario(params):
    event, told = need("stageflow.helpers:AnalyticsEvent"), []
    buffered = need("stageflow.helpers:BufferedExporter")(
        Ignoring(), batch_size=1000, max_buffer_size=10, on_overflow=lambda dropped, size: told.append([dropped, size])
    )
    for count in params["rounds"]:
        for _ in range(count):
            await buffered.export(event("probe"))
        await buffered.flush()
    expect_equal(told, [[-1, 8] for count in params["rounds"] if count >= 8], "[dropped, buffered] told to on_overflow")


async def control(params):
    told = []
    for count in params["rounds"]:
        told += [[-1, size] for size in range(1, count + 1) if size == 8]
    expect_equal(told, [[-1, 8] for count in params["rounds"] if count >= 8], "warnings of a plain counter")
