"""An event sent through a context says where it comes from: mode, topology, service, stage, status and time."""

from datetime import UTC, datetime, timedelta

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An event sent through a context lacks where it comes from",
    claim="Events of a context have its execution mode, topology and service, stage events also stage, status and time; ids that are not "
    "set are not made up.",
    source="docstring:stageflow.stages.context.PipelineContext.record_stage_event",
    component="stageflow.stages.context.PipelineContext.record_stage_event",
    subsystem="context",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events cannot be counted by stage, mode or service.",
    recommendation="Take each value from the context's field of that name.",
)

IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id")
OWN = {"topology": "chat_fast", "execution_mode": "practice", "service": "chat"}
STAGE = {"stage": "own", "status": "done", "n": 0}
STAGE_CONTEXT = "stageflow.core.StageContext.try_emit_event"
CASES = (
    Case("record_stage_event", {"way": "record", "told": OWN | STAGE}),
    Case("record_stage_event time", {"way": "record", "told": {"timestamp": "now in UTC"}}),
    Case("record_stage_event without payload", {"way": "bare", "told": OWN | {"stage": "own", "status": "done"}}),
    Case("record_stage_event without ids", {"way": "no ids", "told": dict.fromkeys(IDS)}),
    Case("try_emit_event", {"way": "event", "told": OWN | {"n": 0}}, component="stageflow.stages.context.PipelineContext.try_emit_event"),
    Case(
        "try_emit_event without ids",
        {"way": "event, no ids", "told": dict.fromkeys(IDS[:2])},
        component="stageflow.stages.context.PipelineContext.try_emit_event",
    ),
    Case("stage's event", {"way": "stage", "told": {"execution_mode": "practice", "n": 0}}, component=STAGE_CONTEXT),
    Case("stage's event without ids", {"way": "stage, no ids", "told": dict.fromkeys(IDS[:2])}, component=STAGE_CONTEXT),
)


def context_of(way, sink):
    if "no ids" in way:
        return need("stageflow:PipelineContext")(event_sink=sink, **OWN)
    return pipeline_context(event_sink=sink, **OWN)


def send(way, ctx):
    if way.startswith("event"):
        ctx.try_emit_event("own.event", {"n": 0})
    elif way.startswith("stage"):
        ctx.derive_root_stage_context().try_emit_event("own.event", {"n": 0})
    else:
        ctx.record_stage_event(stage="own", status="done", **({"payload": {"n": 0}} if way == "record" else {}))


def timed(data, before):
    """The event's data with its time in words."""
    try:
        stamp = datetime.fromisoformat(str(data.get("timestamp")))
    except ValueError:
        return data
    now = stamp.utcoffset() == timedelta(0) and before <= stamp <= datetime.now(UTC)
    return data | {"timestamp": "now in UTC" if now else "another time"}


@promised
def scenario(params):
    need("stageflow:PipelineContext.derive_root_stage_context")
    sink, before = RecordingSink(), datetime.now(UTC)
    send(params["way"], context_of(params["way"], sink))
    seen = [{name: timed(data, before).get(name) for name in params["told"]} for _, data in sink.events]
    expect_equal(seen, [dict(params["told"])], "events that arrived")


def control(params):
    sink, before = RecordingSink(), datetime.now(UTC)
    sink.try_emit(type="own", data=dict(params["told"]) | {"timestamp": datetime.now(UTC).isoformat()})
    seen = [{name: timed(data, before).get(name) for name in params["told"]} for _, data in sink.events]
    expect_equal(seen, [dict(params["told"])], "events that arrived")
