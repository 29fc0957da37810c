"""A composite exporter passes everything to every destination, also when one of them fails."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="CompositeExporter does not reach all its destinations",
    claim="export, export_batch, flush and close go to all destinations, in order; one that fails does not keep the others "
    "from getting theirs.",
    source="docstring:stageflow.helpers.analytics.CompositeExporter",
    component="stageflow.helpers.analytics.CompositeExporter",
    subsystem="analytics",
    category="reliability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="A copy of the analytics is incomplete.",
    recommendation="Call all destinations and gather the results.",
    virtual_time=True,
)

CASES = (
    Case("all well", {"failing": []}),
    Case("first fails", {"failing": [0]}),
    Case("last fails", {"failing": [2]}),
    Case("two fail", {"failing": [0, 1]}),
)


class Destination:
    """Notes what it is asked to do, and may fail."""

    def __init__(self, fails):
        self.fails, self.seen = fails, []

    async def note(self, *what):
        self.seen.append(list(what))
        if self.fails:
            raise OSError("destination away")

    async def export(self, event):
        await self.note("export", event)

    async def export_batch(self, events):
        await self.note("export_batch", *events)

    async def flush(self):
        await self.note("flush")

    async def close(self):
        await self.note("close")


class Plain:
    """The rule as a loop."""

    def __init__(self, destinations):
        self._destinations = destinations

    def __getattr__(self, name):
        async def call(*given):
            for destination in self._destinations:
                await outcome(getattr(destination, name)(*given))

        return call


async def verdict(make, failing):
    destinations = [Destination(n in failing) for n in range(3)]
    composite = make(destinations)
    for call in (lambda: composite.export(1), lambda: composite.export_batch([2, 3]), composite.flush, composite.close):
        await outcome(call())
    wanted = [["export", 1], ["export_batch", 2, 3], ["flush"], ["close"]]
    expect_equal([destination.seen for destination in destinations], [wanted] * 3, "what the three destinations were asked to do")


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers.analytics:CompositeExporter"), params["failing"])


async def control(params):
    await verdict(Plain, params["failing"])
