"""Sending an event through a pipeline context is fire-and-forget: a failing sink does not fail the sender."""

from components.lab.flow import pipeline_context, stage_context
from components.lab.probe import Case, Probe, Violation, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="PipelineContext.try_emit_event raises what the sink raises, unlike StageContext.try_emit_event",
    claim="try_emit_event emits an event without blocking, fire-and-forget.",
    source="docstring:stageflow.stages.context.PipelineContext.try_emit_event",
    component="stageflow.stages.context.PipelineContext.try_emit_event",
    subsystem="events",
    category="reliability",
    type="reliability",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="A tool or interceptor that reports progress fails because the telemetry back end is away.",
    recommendation="Catch and log exceptions of the sink, as StageContext.try_emit_event does.",
    workaround="Wrap the sink so that try_emit never raises.",
    cause="stageflow.stages.context:PipelineContext.try_emit_event #isolation",
)

CASES = (Case("sink raises", {}),)


class Broken:
    """A sink whose back end is away."""

    async def emit(self, *, type, data):
        raise OSError("back end away")

    def try_emit(self, *, type, data):
        raise OSError("back end away")


def verdict(ctx):
    try:
        ctx.try_emit_event("progress", {"n": 1})
    except OSError as error:
        raise Violation("try_emit_event returns", f"it raises {type(error).__name__}") from None


@promised
def scenario(params):
    need("stageflow:PipelineContext.try_emit_event")
    verdict(pipeline_context(event_sink=Broken()))


def control(params):
    verdict(stage_context(event_sink=Broken()))
