"""Events sent through a context carry the ids of the run, the names of the stage and the caller's own data."""

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An event sent through a context lacks an id of its run",
    claim="Events sent through PipelineContext and StageContext are enriched with the run's ids and keep the caller's data.",
    source="docs/guides/observability.md#stage-events",
    component="stageflow.stages.context.PipelineContext.try_emit_event",
    subsystem="context",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events cannot be assigned to the request, user or tenant they belong to.",
    recommendation="Add every id of the context as text.",
)

RECORD = "stageflow.stages.context.PipelineContext.record_stage_event"
IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id")
CASES = (
    Case("pipeline context", {"way": "pipeline", "ids": list(IDS[:2]), "type": "own.event"}),
    Case(
        "stage context", {"way": "stage", "ids": list(IDS[:2]), "type": "own.event"}, component="stageflow.core.StageContext.try_emit_event"
    ),
    Case("stage event", {"way": "record", "ids": list(IDS), "type": "stage.own.done"}, component=RECORD),
)


def send(way, ctx):
    if way == "pipeline":
        ctx.try_emit_event("own.event", {"n": 0, "topology": "own"})
    elif way == "stage":
        ctx.derive_root_stage_context().try_emit_event("own.event", {"n": 0, "topology": "own"})
    else:
        ctx.record_stage_event(stage="own", status="done", payload={"n": 0, "topology": "own"})


def verdict(sink, ctx, params):
    seen = [[kind, {name: data.get(name) for name in (*params["ids"], "n", "topology")}] for kind, data in sink.events]
    ids = {name: str(getattr(ctx, name)) for name in params["ids"]}
    hidden = [[kind, {k: "id" if ids.get(k) == v else v for k, v in data.items()}] for kind, data in seen]
    wanted = [[params["type"], dict.fromkeys(params["ids"], "id") | {"n": 0, "topology": "own"}]]
    expect_equal(hidden, wanted, "events that arrived, with the ids of the context as 'id'")


@promised
def scenario(params):
    need("stageflow:PipelineContext.derive_root_stage_context")
    sink = RecordingSink()
    ctx = pipeline_context(event_sink=sink)
    send(params["way"], ctx)
    verdict(sink, ctx, params)


def control(params):
    sink = RecordingSink()
    ctx = pipeline_context()
    sink.try_emit(type=params["type"], data={name: str(getattr(ctx, name)) for name in params["ids"]} | {"n": 0, "topology": "own"})
    verdict(sink, ctx, params)
