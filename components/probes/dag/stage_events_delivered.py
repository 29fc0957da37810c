"""Events that a stage returns in its StageOutput reach the run's event sink."""

from components.lab.dag_kit import results_of
from components.lab.flow import RecordingSink, context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Events returned in StageOutput.events never reach the event sink",
    claim="The events in a stage's output are emitted to the context's event sink, each once.",
    source="docstring:stageflow.core.stage_output.StageEvent",
    component="stageflow.core.stage_output.StageOutput",
    subsystem="dag",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="What stages report through their output is lost without a trace.",
    recommendation="Emit output.events through the stage context when an output is recorded.",
    workaround="Call ctx.emit_event() in the stage.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #stage-events",
)

CASES = (Case("one event", {"count": 1}), Case("three events", {"count": 3}))


async def scenario(params):
    event = need("stageflow.core:StageEvent")
    output = need("stageflow:StageOutput")
    ok = need("stageflow:StageStatus").OK
    kinds = [f"order.step{n}" for n in range(params["count"])]

    async def body(ctx):
        return output(status=ok, events=[event(type=kind, data={"n": 1}) for kind in kinds])

    sink = RecordingSink()
    await results_of(graph(pipeline(("report", body))).run(context(event_sink=sink)))
    expect_equal([kind for kind, _ in sink.events if "order.step" in kind], kinds, "events of the stage at the sink")


async def control(params):
    sink = RecordingSink()
    kinds = [f"order.step{n}" for n in range(params["count"])]
    for kind in kinds:
        sink.try_emit(type=kind, data={"n": 1})
    expect_equal([kind for kind, _ in sink.events if "order.step" in kind], kinds, "events of a plain emitter at the sink")
