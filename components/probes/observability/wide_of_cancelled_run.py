"""A run that is cancelled from outside, by a time-out for example, still gives its summary event."""

import asyncio

from components.lab.flow import RecordingSink, context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A run that is cancelled from outside (time-out, client gone) emits no pipeline.wide event",
    claim="A run emits a single pipeline.wide summary once execution finishes, in whatever way.",
    source="docs/guides/observability.md#wide-events-opt-in",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Requests that hit the caller's time-out, the ones to look into, are missing from every statistic of runs.",
    recommendation="Publish the summary with status cancelled for asyncio.CancelledError too, then re-raise.",
    workaround="Record the run in a finally block around pipeline.run().",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #cancelled-from-outside",
)

CASES = (Case("wait_for time-out", {"how": "timeout"}), Case("task cancelled", {"how": "cancel"}))


async def endless(ctx):
    await asyncio.sleep(10_000)


async def interrupted(run, how):
    """Start the run and take its time away."""
    task = asyncio.ensure_future(run)
    if how == "timeout":
        await asyncio.gather(asyncio.wait_for(task, 5), return_exceptions=True)
    else:
        await asyncio.sleep(5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def verdict(run, sink, how):
    await interrupted(run, how)
    expect_equal(len(sink.of("pipeline.wide")), 1, "pipeline.wide events of a run that was cancelled from outside")


@promised
async def scenario(params):
    need("stageflow.observability:WideEventEmitter")
    sink = RecordingSink()
    built = graph(pipeline(("endless", endless)), [], emit_pipeline_wide_event=True)
    await verdict(built.run(context(event_sink=sink)), sink, params["how"])


async def control(params):
    sink = RecordingSink()

    async def run():
        try:
            await endless(None)
        finally:
            sink.try_emit(type="pipeline.wide", data={})

    await verdict(run(), sink, params["how"])
