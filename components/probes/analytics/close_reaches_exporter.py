"""Closing a buffered exporter closes the one it wraps, also when the last write fails."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BufferedExporter.close() leaves the wrapped exporter open when the last flush fails",
    claim="close() closes the exporter and cleans up its resources.",
    source="docstring:stageflow.helpers.analytics.AnalyticsExporter.close",
    component="stageflow.helpers.BufferedExporter.close",
    subsystem="analytics",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=False,
    default_setup=True,
    impact="Files and connections stay open, and what they had buffered is not written, when the back end fails at shutdown.",
    recommendation="Close the wrapped exporter in a finally block.",
    workaround="Close the wrapped exporter yourself as well.",
    virtual_time=True,
    cause="stageflow.helpers.analytics:BufferedExporter.close #exporter-left-open",
)

CASES = (Case("last flush fails", {"fails": True}),)


class Base:
    """Fails to write, or not; notes whether it was closed."""

    def __init__(self, fails):
        self.fails, self.closed = fails, 0

    async def export_batch(self, events):
        if self.fails:
            raise OSError("back end away")

    async def close(self):
        self.closed += 1


async def verdict(fails):
    base = Base(fails)
    buffered = need("stageflow.helpers:BufferedExporter")(base)
    await buffered.export(need("stageflow.helpers:AnalyticsEvent")("probe"))
    await outcome(buffered.close())
    expect_equal(base.closed, 1, "times the wrapped exporter was closed")


@promised
async def scenario(params):
    await verdict(params["fails"])


async def control(params):
    await verdict(False)
