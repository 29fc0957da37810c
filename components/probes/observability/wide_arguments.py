"""Every argument of the wide event functions arrives in the payload, and every id of the context."""

from datetime import UTC, datetime, timedelta

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A wide event lacks an argument of the call or an id of the run",
    claim="The run's ids, topology, mode and service are in the payload as texts or None, and extra, pipeline_name, status and duration_ms "
    "as given; without a name it is the topology, without a topology 'pipeline'.",
    source="docs/api/wide-events.md#convenience-functions",
    component="stageflow.observability.WideEventEmitter",
    subsystem="observability",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Dashboards cannot attribute runs to users, tenants or releases.",
    recommendation="Hand every argument on, and copy every id.",
)

IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id")
GIVEN = {"extra": {"tier": "gold"}, "pipeline_name": "named", "status": "degraded", "duration_ms": 77}
WAYS = ("function", "method", "build")
CASES = (
    *(
        Case(f"stage, {way}: {name}", {"what": "stage", "way": way, "given": [name] if name == "extra" else [], "filled": name != "no ids"})
        for way in WAYS
        for name in ("ids", "no ids", "extra")
    ),
    *(
        Case(f"pipeline, {way}: {name}", {"what": "pipeline", "way": way, "given": [name], "filled": True})
        for way in WAYS
        for name in GIVEN
    ),
    *(Case(f"pipeline, {way}: nothing", {"what": "pipeline", "way": way, "given": [], "filled": True}) for way in WAYS),
    *(Case(f"pipeline, {way}: no ids", {"what": "pipeline", "way": way, "given": [], "filled": False}) for way in WAYS),
)


def run_of(params, sink):
    blank = {} if params["filled"] else dict.fromkeys((*IDS, "topology", "execution_mode"))
    return pipeline_context(event_sink=sink, service="probe service", **blank)


def wanted(params, ctx):
    """The documented payload, without what is told about the stages."""
    ids = {name: str(getattr(ctx, name)) if getattr(ctx, name) else None for name in IDS}
    common = {**ids, "topology": ctx.topology, "execution_mode": ctx.execution_mode, "service": "probe service"}
    given = {name: GIVEN[name] for name in params["given"]}
    if params["what"] == "stage":
        return {**common, "stage": "only", "status": "completed", "duration_ms": 1500, "error": None, **given}
    rest = {"pipeline_name": ctx.topology or "pipeline", "status": "completed", "duration_ms": None, "stage_counts": {"completed": 1}}
    return {**common, **rest, **given}


def send(params, ctx, sink):
    """The payload, through one of the three ways."""
    api = need("stageflow.observability")
    start = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    result = need("stageflow.stages.result:StageResult")("only", "completed", start, start + timedelta(seconds=1.5))
    given = {name: GIVEN[name] for name in params["given"]}
    given |= {"result": result} if params["what"] == "stage" else {"stage_results": {"only": result}}
    emitter = api.WideEventEmitter()
    if params["way"] == "build":
        return getattr(emitter, f"build_{params['what']}_payload")(ctx=ctx, **given)
    emit = (
        getattr(api, f"emit_{params['what']}_wide_event")
        if params["way"] == "function"
        else getattr(emitter, f"emit_{params['what']}_event")
    )
    emit(ctx=ctx, **given)
    return sink.events[0][1] if len(sink.events) == 1 else {}


def verdict(data, params, ctx):
    expected = wanted(params, ctx)
    wrong = [key for key in expected if data.get(key, "absent") != expected[key] or ("extra" in data) != ("extra" in expected)]
    expect_equal(wrong, [], "fields with a wrong value")


@promised
def scenario(params):
    need("stageflow.observability:emit_pipeline_wide_event")
    sink = RecordingSink()
    ctx = run_of(params, sink)
    verdict(send(params, ctx, sink), params, ctx)


def control(params):
    ctx = run_of(params, RecordingSink())
    verdict(wanted(params, ctx), params, ctx)
