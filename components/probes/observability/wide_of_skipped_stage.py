"""The documented statuses of wide events tell a skipped or cancelled stage from a completed one."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline, pipeline_context
from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="stage.wide reports skipped and cancelled stages as completed, although skip and cancel are documented statuses",
    claim="The status of a stage.wide event is one of ok, skip, cancel, fail, retry, completed and failed.",
    source="docs/api/wide-events.md#stage-event-payload-shape",
    component="stageflow.pipeline.dag.UnifiedStageGraph._stage_output_to_result",
    subsystem="observability",
    category="observability",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Dashboards that count on the documented statuses show a stage that never worked as completed.",
    recommendation="Carry the output's status into the result, or document that only completed and failed occur.",
    workaround="Use the stage.<name>.skipped events to find skipped stages.",
    cause="stageflow.pipeline.dag:UnifiedStageGraph._stage_output_to_result",
)

CASES = (Case("skip", {"how": "skip"}), Case("cancel", {"how": "cancel"}))


@promised
async def scenario(params):
    output = need("stageflow:StageOutput")

    async def body(ctx):
        return getattr(output, params["how"])(reason="nothing to do")

    sink = RecordingSink()
    await outcome(graph(pipeline(("stage", body)), [], emit_stage_wide_events=True).run(context(event_sink=sink)))
    statuses = [data["status"] for data in sink.of("stage.wide")]
    expect("completed" not in statuses, f"status {params['how']} (or a word other than completed)", f"statuses {statuses}")


async def control(params):
    result = need("stageflow.stages.result:StageResult")
    sink = RecordingSink()
    now = need("stageflow:PipelineContext").now()
    emitter = need("stageflow.observability:WideEventEmitter")()
    emitter.emit_stage_event(ctx=pipeline_context(event_sink=sink), result=result("stage", params["how"], now, now))
    statuses = [data["status"] for data in sink.of("stage.wide")]
    expect(statuses == [params["how"]], f"status {params['how']}", f"statuses {statuses}")
