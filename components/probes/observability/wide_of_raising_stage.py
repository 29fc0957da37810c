"""A stage that fails by raising is in the wide events like one that reports its failure."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A stage that raises has no stage.wide event and is missing from pipeline.wide",
    claim="Each stage completion or failure emits a stage.wide event, and pipeline.wide lists the failed stage.",
    source="docs/guides/observability.md#wide-events-opt-in",
    component="stageflow.pipeline.dag.UnifiedStageGraph._execute_node",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="The one event that an operator needs, that of the failing stage with its error, does not exist; error rates per "
    "stage stay at zero.",
    recommendation="Publish the failed result before raising UnifiedStageExecutionError for an exception that came through the "
    "interceptors.",
    workaround="Catch exceptions in the stage and return StageOutput.fail.",
    cause="stageflow.pipeline.dag:UnifiedStageGraph._run_stage #raised",
)

CASES = (
    Case("stage event", {"event": "stage.wide", "interceptors": "none"}),
    Case("stage event, default interceptors", {"event": "stage.wide", "interceptors": "default"}),
    Case("pipeline event", {"event": "pipeline.wide", "interceptors": "none"}),
)


async def raising(ctx):
    raise ValueError("broken")


async def failing(ctx):
    return need("stageflow:StageOutput").fail(error="broken")


async def told(body, params):
    """What the events tell about the stage, repeats left out."""
    sink = RecordingSink()
    stack = [] if params["interceptors"] == "none" else None
    options = {"emit_stage_wide_events": params["event"] == "stage.wide", "emit_pipeline_wide_event": params["event"] == "pipeline.wide"}
    await outcome(graph(pipeline(("call", body)), stack, **options).run(context(event_sink=sink)))
    rows = [row for data in sink.of(params["event"]) for row in data.get("stage_details", [data])]
    found = [[row["stage"], row["status"], "broken" in str(row["error"])] for row in rows]
    return [row for n, row in enumerate(found) if row not in found[:n]]


@promised
async def scenario(params):
    expect_equal(await told(raising, params), [["call", "failed", True]], f"[stage, status, error told] in {params['event']}")


async def control(params):
    expect_equal(await told(failing, params), [["call", "failed", True]], f"[stage, status, error told] in {params['event']}")
