"""Defaults are those that the API reference states in its signatures."""

import inspect

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import need_described_release, run_target

PROBE = Probe(
    title="A default value is not the documented one",
    claim="The signatures in the API reference state the defaults of the parameters.",
    source="docs/api/helpers.md#bufferedexporter",
    component="docs",
    subsystem="docs",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Applications that rely on a documented default behave differently.",
    recommendation="Restore the default, or announce the change and correct the reference.",
)

QUIET = {"interceptors": None, "guard_retry_strategy": None, "emit_stage_wide_events": False, "emit_pipeline_wide_event": False}
SPAN = {"pipeline_name": None, "status": None, "duration_ms": None, "started_at": None, "extra": None}
NO_IDS = {"pipeline_run_id": None, "request_id": None, "session_id": None, "user_id": None, "org_id": None, "interaction_id": None}
TABLE = (
    ("stageflow:Pipeline", {"name": "pipeline"}),
    ("stageflow:Pipeline.with_stage", {"kind": None, "dependencies": None, "after": None, "conditional": False, "config": None}),
    ("stageflow:Pipeline.build", QUIET | {"wide_event_emitter": None}),
    ("stageflow:Pipeline.run", QUIET | {"ctx": None, "wide_event_emitter": None}),
    ("stageflow:Pipeline.invoke", QUIET | {"input_text_or_ctx": None, "wide_event_emitter": None}),
    ("stageflow:Pipeline.from_stages", {"name": "pipeline"}),
    ("stageflow:StageOutput.ok", {"data": None, "version": None}),
    ("stageflow:StageOutput.skip", {"reason": "", "data": None, "version": None}),
    ("stageflow:StageOutput.cancel", {"reason": "", "data": None, "version": None}),
    ("stageflow:StageOutput.fail", {"error": None, "data": None, "response": None, "version": None}),
    ("stageflow:StageOutput.retry", {"data": None, "version": None}),
    ("stageflow:StageContext", {"event_sink": None}),
    (
        "stageflow:PipelineContext",
        NO_IDS | {"topology": None, "execution_mode": None, "input_text": None, "service": "pipeline", "ports": None},
    ),
    ("stageflow.context:RunIdentity", NO_IDS),
    (
        "stageflow.context:ContextSnapshot",
        {"enrichments": None, "conversation": None, "extensions": None, "input_text": None, "topology": None},
    ),
    ("stageflow.context:Enrichments", {"profile": None, "memory": None}),
    ("stageflow.context:ProfileEnrichment", {"user_id": None, "display_name": None}),
    ("stageflow.context:Conversation", {"routing_decision": None}),
    ("stageflow.stages:StageInputs", {"stage_name": None, "strict": True}),
    ("stageflow.auth:AuthContext", {"email": None, "org_id": None}),
    ("stageflow.auth:OrgContext", {"tenant_id": None, "plan_tier": "starter"}),
    ("stageflow.auth:AuthInterceptor", {"jwt_validator": None}),
    ("stageflow.auth:TenantContext", {"user_id": None, "session_id": None}),
    ("stageflow.auth:TenantIsolationValidator", {"strict": True}),
    ("stageflow.advanced:get_default_interceptors", {"include_auth": False}),
    ("stageflow.helpers:BackpressureMonitor", {"high_water_mark": 80, "low_water_mark": 20}),
    ("stageflow.helpers:RealtimeStageBus", {"default_max_size": 100, "default_drop_on_overflow": False, "event_emitter": None}),
    ("stageflow.helpers:create_realtime_stage_context", {"bus": None, "bus_max_size": 100, "bus_drop_on_overflow": False}),
    (
        "stageflow.helpers:BufferedExporter",
        {"batch_size": 100, "flush_interval_seconds": 10.0, "max_buffer_size": 10000, "on_overflow": None, "high_water_mark": 0.8},
    ),
    ("stageflow.testing:create_test_snapshot", NO_IDS | {"topology": "test", "execution_mode": "test", "input_text": None}),
    ("stageflow.testing:create_test_stage_context", {"stage_name": "test_stage", "event_sink": None, "declared_deps": None}),
    (
        "stageflow.testing:create_test_pipeline_context",
        NO_IDS | {"topology": "test", "execution_mode": "test", "service": "test", "data": None},
    ),
    ("stageflow.tools:diff_text", {"context_lines": 3, "fromfile": "a/original", "tofile": "b/modified"}),
    ("stageflow.tools:diff_structured", {"ignore_keys": None}),
    ("stageflow.observability:WideEventEmitter", {"stage_event_type": "stage.wide", "pipeline_event_type": "pipeline.wide"}),
    ("stageflow.observability:WideEventEmitter.emit_pipeline_event", SPAN),
)
CASES = tuple(Case(name, {"function": name, "defaults": defaults}, component=name.replace(":", ".")) for name, defaults in TABLE)


def defaults_of(function, names):
    """The defaults of these parameters; a word for one that is missing or required."""
    parameters = inspect.signature(function).parameters
    found = {name: parameters[name].default if name in parameters else "no such parameter" for name in names}
    return {name: "required" if value is inspect.Parameter.empty else value for name, value in found.items()}


def scenario(params):
    need_described_release()
    run_target()
    expect_equal(defaults_of(need(params["function"]), params["defaults"]), params["defaults"], f"defaults of {params['function']}")


def control(params):
    kind = inspect.Parameter.KEYWORD_ONLY
    made = inspect.Signature([inspect.Parameter(name, kind, default=value) for name, value in params["defaults"].items()])

    def plain(**given):
        return given

    plain.__signature__ = made
    expect_equal(defaults_of(plain, params["defaults"]), params["defaults"], "defaults of a plain function")
