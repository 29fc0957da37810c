"""Events that several tasks export arrive exactly once, each task's events in order, whoever is slow and when."""

import asyncio

from components.lab.interleave_kit import strategy_of
from components.lab.overlap_kit import EACH, PRODUCERS, QueuePipe, conserved
from components.lab.plain_kit import PlainQueue
from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="Events of concurrent tasks are exported twice, out of order or not at all",
    claim="Events that concurrent tasks export reach every destination exactly once and in each task's order, however slow it is.",
    source="invariant:conservation",
    component="stageflow.helpers.BufferedExporter",
    subsystem="analytics",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Usage records and audits have holes or doubles under load, and nothing says so.",
    recommendation="Hand items over in one step without a suspension between taking and passing on, or under a lock.",
    seconds=30.0,
)

COMPONENTS = {
    "buffer": "stageflow.helpers.BufferedExporter",
    "buffer with timed flush": "stageflow.helpers.BufferedExporter.flush",
    "batches": "stageflow.helpers.BufferedExporter.export_batch",
    "composite": "stageflow.helpers.analytics.CompositeExporter",
    "analytics sink": "stageflow.helpers.AnalyticsSink",
}

CASES = tuple(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items())

TOTAL = PRODUCERS * EACH


class Arrivals:
    """A slow exporter that keeps what arrives."""

    def __init__(self, schedule):
        self.schedule, self.items = schedule, []

    async def export(self, event):
        await self.schedule.pause()
        self.items.append(event.data["n"])

    async def export_batch(self, events):
        await self.schedule.pause()
        self.items += [event.data["n"] for event in events]

    async def flush(self):
        await self.schedule.pause()

    async def close(self):
        await self.schedule.pause()

    async def all_there(self):
        """Wait until nothing more is to be expected."""
        for _ in range(60):
            if len(self.items) < TOTAL:
                await asyncio.sleep(1)
        await asyncio.sleep(5)


def event_of(item):
    return need("stageflow.helpers:AnalyticsEvent")("probe", data={"n": item})


class ExporterPipe:
    """Through a buffered exporter to a slow one."""

    def __init__(self, schedule, **options):
        self.arrivals = Arrivals(schedule)
        self.exporter = need("stageflow.helpers:BufferedExporter")(self.arrivals, **({"batch_size": 3} | options))

    async def put(self, item):
        await self.exporter.export(event_of(item))

    async def finish(self):
        await self.exporter.flush()
        await self.arrivals.all_there()
        await self.exporter.close()
        return self.arrivals.items


def timed_pipe(schedule):
    return ExporterPipe(schedule, batch_size=100, flush_interval_seconds=0.5)


class BatchPipe(ExporterPipe):
    """The same through the batch interface."""

    async def put(self, item):
        await self.exporter.export_batch([event_of(item)])


class CompositePipe:
    """To two slow exporters at once."""

    def __init__(self, schedule):
        self.sides = [Arrivals(schedule), Arrivals(schedule)]
        self.exporter = need("stageflow.helpers.analytics:CompositeExporter")(self.sides)

    async def put(self, item):
        await self.exporter.export(event_of(item))

    async def finish(self):
        await self.exporter.flush()
        await self.exporter.close()
        if sorted(self.sides[0].items) != sorted(self.sides[1].items):
            raise Violation("both destinations get the same events", "they got different ones")
        return self.sides[0].items


class AnalyticsPipe(ExporterPipe):
    """From the event sink interface, without waiting."""

    def __init__(self, schedule):
        super().__init__(schedule)
        self.sink = need("stageflow.helpers:AnalyticsSink")(self.exporter)

    async def put(self, item):
        self.sink.try_emit(type="probe", data={"n": item})

    async def finish(self):
        await asyncio.sleep(30)
        return sorted(await super().finish())  # tasks of their own keep no order


PIPES = {
    "buffer": ExporterPipe,
    "buffer with timed flush": timed_pipe,
    "batches": BatchPipe,
    "composite": CompositePipe,
    "analytics sink": AnalyticsPipe,
}


def scenario(params):
    conserved(PIPES[params["target"]], params)


def control(params):
    conserved(lambda schedule: QueuePipe(schedule, PlainQueue(2)), params)


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
