"""A stage context derived from a pipeline context has its snapshot, outputs, sink and cancellation state."""

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A derived StageContext lacks something of the PipelineContext it comes from",
    claim="derive_for_stage and derive_root_stage_context give a stage its name, the given or own snapshot, prior outputs, "
    "event sink and cancellation.",
    source="docstring:stageflow.stages.context.PipelineContext.derive_for_stage",
    component="stageflow.stages.context.PipelineContext.derive_for_stage",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage works on other input, does not notice that it was cancelled, or its events are lost.",
    recommendation="Hand each of them on.",
)

CASES = (
    Case("own snapshot", {"way": "own"}),
    Case("given snapshot", {"way": "given"}),
    Case("root", {"way": "root"}, component="stageflow.stages.context.PipelineContext.derive_root_stage_context"),
)


async def filled_bag():
    bag = need("stageflow.context:OutputBag")()
    await bag.write("before", need("stageflow:StageOutput").ok(n=0))
    return bag


async def derive(ctx, way):
    """The stage context of the case."""
    if way == "root":
        return ctx.derive_root_stage_context(stage_name="stage")
    given = need("stageflow.context:ContextSnapshot")(input_text="given") if way == "given" else None
    return ctx.derive_for_stage("stage", await filled_bag(), given, declared_deps={"before"})


def told(stage, ctx, sink, way):
    """What the stage sees."""
    stage.try_emit_event("probe", {})
    before = [stage.is_cancelled, stage.cancellation_reason]
    ctx.mark_canceled("enough")
    output = None if way == "root" else stage.inputs.get_from("before", "n", "absent")
    return [stage.stage_name, stage.snapshot.input_text, output, len(sink.events), before, [stage.is_cancelled, stage.cancellation_reason]]


WANTED = {"own": ["stage", "hello", 0], "given": ["stage", "given", 0], "root": ["stage", "hello", None]}


@promised
async def scenario(params):
    need("stageflow:PipelineContext.derive_for_stage")
    sink = RecordingSink()
    ctx = pipeline_context(event_sink=sink, input_text="hello")
    seen = told(await derive(ctx, params["way"]), ctx, sink, params["way"])
    wanted = [*WANTED[params["way"]], 1, [False, None], [True, "enough"]]
    expect_equal(seen, wanted, "[name, input, output before, events in the sink, cancelled before, cancelled after]")


async def control(params):
    bag = await filled_bag()
    expect_equal(bag.get_value("before", "n"), 0, "output in the bag the stage is derived with")
