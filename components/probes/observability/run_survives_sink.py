"""A run does not depend on its telemetry: a failing event sink does not fail it."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A sink whose try_emit raises aborts the pipeline run, when a stage is skipped or wide events are on",
    claim="try_emit is fire-and-forget: what the sink raises does not change the outcome of the run.",
    source="docs/api/events.md#eventsink-protocol",
    component="stageflow.pipeline.dag.UnifiedStageGraph._publish_stage_wide_event",
    subsystem="observability",
    category="reliability",
    type="reliability",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="When the telemetry back end is away, requests fail although all their stages succeeded.",
    recommendation="Catch and log exceptions of the sink around every emission in the executor.",
    workaround="Wrap the sink so that try_emit never raises.",
    cause="stageflow.pipeline.dag:UnifiedStageGraph._publish_stage_wide_event",
)

CASES = (
    Case("stage.wide", {"options": {"emit_stage_wide_events": True}, "how": "ok"}),
    Case("pipeline.wide", {"options": {"emit_pipeline_wide_event": True}, "how": "ok"}),
    Case("stage skipped", {"options": {}, "how": "skip"}),
)


class Broken:
    """A sink whose back end is away."""

    async def emit(self, *, type, data):
        raise OSError("back end away")

    def try_emit(self, *, type, data):
        raise OSError("back end away")


async def ending(params, **fields):
    """Name of the error the run ends with, or "completed"."""
    output = need("stageflow:StageOutput")

    async def body(ctx):
        return output.skip(reason="nothing to do") if params["how"] == "skip" else output.ok()

    _, error = await outcome(graph(pipeline(("stage", body)), [], **params["options"]).run(context(**fields)))
    return type(error).__name__ if error else "completed"


@promised
async def scenario(params):
    expect_equal(await ending(params, event_sink=Broken()), "completed", "end of a run whose stages succeed, with a broken sink")


async def control(params):
    expect_equal(await ending(params), "completed", "end of the same run with the default sink")
