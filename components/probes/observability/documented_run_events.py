"""A run emits the events that the observability guide lists for stages and for pipelines."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline, pipeline_context
from components.lab.probe import Case, Probe, expect

PROBE = Probe(
    title="A run emits none of the stage events that the observability guide lists",
    claim="A run emits stage.{name}.started, stage.{name}.completed and stage.{name}.failed to the event sink, as the guide lists.",
    source="docs/guides/observability.md#stage-events",
    component="docs/guides/observability.md#stage-events",
    subsystem="observability",
    category="observability",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Monitoring that is built on the documented events stays empty, and nothing says why.",
    recommendation="Emit the events from the unified executor, or say in the guide that only wide events and stage.<name>.skipped exist.",
    workaround="Switch wide events on, or emit the events from an interceptor.",
    cause="docs:stage events of a run",
)

CASES = (
    Case("started", {"fails": False, "event": "stage.work.started"}),
    Case("completed", {"fails": False, "event": "stage.work.completed"}),
    Case("failed", {"fails": True, "event": "stage.work.failed"}),
)


def seen(sink):
    return sorted({kind for kind, _ in sink.events})


async def scenario(params):
    async def work(ctx):
        if params["fails"]:
            raise ValueError("no")
        return {}

    sink = RecordingSink()
    await outcome(graph(pipeline(("work", work))).run(context(event_sink=sink)))
    expect(params["event"] in seen(sink), f"the event {params['event']}", f"events {seen(sink)}")


async def control(params):
    """A sink that is told of the event has it."""
    sink = RecordingSink()
    pipeline_context(event_sink=sink).record_stage_event(stage="work", status=params["event"].rpartition(".")[2])
    expect(params["event"] in seen(sink), f"the event {params['event']}", f"events {seen(sink)}")
