"""Every keyword argument that the documentation passes to a stageflow function is taken by it."""

import inspect

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.value_kit import need_described_release, run_target

PROBE = Probe(
    title="A documented keyword argument is no longer taken",
    claim="The functions and classes of this module take the keyword arguments that the documentation's Python examples pass.",
    source="docs/api/testing.md#example",
    component="docs",
    subsystem="docs",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Applications written from the documentation get a TypeError.",
    recommendation="Take the argument again, or announce its removal and change the documentation.",
)

TABLE = {
    "stageflow.advanced:ContextSizeInterceptor": "max_size_bytes warn_on_growth_bytes",
    "stageflow.advanced:GuardRetryPolicy": "max_attempts retry_stage stagnation_limit timeout_seconds",
    "stageflow.advanced:GuardRetryStrategy": "policies",
    "stageflow.advanced:ImmutabilityInterceptor": "crash_on_violation",
    "stageflow.advanced:InterceptorResult": "error result stage_ran",
    "stageflow.advanced:PipelineBuilder": "name",
    "stageflow.advanced:get_default_interceptors": "include_auth",
    "stageflow.advanced:run_with_interceptors": "ctx interceptors stage_name stage_run",
    "stageflow.agent:Agent": "config llm_client prompt_library prompt_name tool_registry",
    "stageflow.agent:AgentConfig": "model",
    "stageflow.agent:PromptTemplate": "name template version",
    "stageflow.api:Pipeline": "name",
    "stageflow.api:PipelineContext": "execution_mode input_text interaction_id metadata org_id pipeline_run_id request_id session_id",
    "stageflow.api:StageOutput.cancel": "data reason",
    "stageflow.api:StageOutput.fail": "data error",
    "stageflow.api:StageOutput.retry": "data error",
    "stageflow.api:StageOutput.skip": "data reason",
    "stageflow.api:StagePayloadResult": "payload summary",
    "stageflow.api:payload_from_inputs": "expected_type",
    "stageflow.api:stage": "after dependencies",
    "stageflow.api:stage_metadata": "kind name",
    "stageflow.auth:AuthContext": "email org_id roles session_id user_id",
    "stageflow.auth:AuthInterceptor": "jwt_validator",
    "stageflow.auth:OrgContext": "features org_id plan_tier tenant_id",
    "stageflow.auth:TenantContext": "org_id",
    "stageflow.auth:TenantIsolationValidator": "expected_org_id strict",
    "stageflow.cli:DependencyIssue": "message severity stage_name suggestion",
    "stageflow.context:ContextSnapshot": "conversation enrichments execution_mode extensions input_text metadata run_id topology",
    "stageflow.context:Conversation": "messages",
    "stageflow.context:Enrichments": "memory profile web_results",
    "stageflow.context:MemoryEnrichment": "interaction_history_summary key_facts recent_topics",
    "stageflow.context:Message": "content role timestamp",
    "stageflow.context:ProfileEnrichment": "display_name goals preferences user_id",
    "stageflow.context:RunIdentity": "interaction_id org_id pipeline_run_id request_id session_id user_id",
    "stageflow.contracts:TypedStageOutput": "default_version version_factory",
    "stageflow.core:StageArtifact": "payload type",
    "stageflow.core:StageOutput.fail": "error",
    "stageflow.core:StageOutput.retry": "data error",
    "stageflow.events:emit_event": "data type",
    "stageflow.helpers.guardrails:GuardrailResult": "passed violations",
    "stageflow.helpers.guardrails:PolicyViolation": "message severity type",
    "stageflow.helpers.memory_tracker:MemoryTracker": "auto_start",
    "stageflow.helpers.memory_tracker:track_memory": "label",
    "stageflow.helpers.uuid_utils:UuidCollisionMonitor": "category check_skew ttl_seconds",
    "stageflow.helpers:AnalyticsSink": "include_patterns",
    "stageflow.helpers:AudioChunk": "channels data format is_final sample_rate sequence timestamp_ms",
    "stageflow.helpers:BackpressureMonitor": "high_water_mark low_water_mark",
    "stageflow.helpers:BufferedExporter": "batch_size exporter flush_interval_seconds high_water_mark on_overflow sink",
    "stageflow.helpers:ChunkQueue": "event_emitter",
    "stageflow.helpers:ContentFilter": "block_profanity blocked_patterns",
    "stageflow.helpers:GuardrailConfig": "fail_on_violation log_violations transform_content",
    "stageflow.helpers:GuardrailStage": "checks config",
    "stageflow.helpers:InjectionDetector": "additional_patterns",
    "stageflow.helpers:LLMResponse": "content input_tokens model output_tokens provider",
    "stageflow.helpers:MockAuthProvider": "accept_any",
    "stageflow.helpers:MockLLMProvider": "responses",
    "stageflow.helpers:MockSTTProvider": "audio_map latency_ms transcriptions",
    "stageflow.helpers:MockTTSProvider": "latency_ms sample_rate",
    "stageflow.helpers:MockToolExecutor": "latency_ms tools",
    "stageflow.helpers:PIIDetector": "detect_types redact redaction_char",
    "stageflow.helpers:PipelineRunner": "enable_memory_tracker memory_tracker_auto_start",
    "stageflow.helpers:RealtimeStageBus": "default_max_size",
    "stageflow.helpers:STTResponse": "confidence duration_ms model provider text",
    "stageflow.helpers:StreamingBuffer": "event_emitter max_duration_ms sample_rate target_duration_ms",
    "stageflow.helpers:TTSResponse": "audio duration_ms model provider sample_rate",
    "stageflow.helpers:encode_audio_for_logging": "max_bytes",
    "stageflow.pipeline.dag:StageGraph": "interceptors specs",
    "stageflow.pipeline.interceptors:InterceptorResult": "error stage_ran",
    "stageflow.pipeline.interceptors:get_default_interceptors": "idempotency_store",
    "stageflow.pipeline.subpipeline:SubpipelineSpawner": "child_tracker emit_events max_depth",
    "stageflow.stages.context:PipelineContext": (
        "artifacts configuration data event_sink execution_mode input_text interaction_id org_id pipeline_run_id request_id "
        "service session_id topology user_id"
    ),
    "stageflow.stages.inputs:create_stage_inputs": "declared_deps ports prior_outputs snapshot stage_name strict",
    "stageflow.stages.ports:AudioPorts": "stt_provider tts_provider",
    "stageflow.stages.ports:CorePorts": "db send_status",
    "stageflow.stages.ports:LLMPorts": "llm_provider send_token",
    "stageflow.stages.ports:create_audio_ports": "audio_callback stt_client tts_client",
    "stageflow.stages.ports:create_core_ports": "realtime_bus",
    "stageflow.stages:StageInputs": "snapshot",
    "stageflow.testing:create_test_pipeline_context": "data session_id topology user_id",
    "stageflow.testing:create_test_snapshot": "execution_mode input_text session_id user_id",
    "stageflow.testing:create_test_stage_context": "inputs prior_outputs snapshot",
    "stageflow.testing:validate_snapshot": "require_user_id",
    "stageflow.tools.base:ToolInput": "action",
    "stageflow.tools.base:ToolOutput": "data error success",
    "stageflow.tools.executor:ToolExecutor": "memory_tracker registry spawner uuid_monitor",
    "stageflow.tools:AdvancedToolExecutor": "config",
    "stageflow.tools:ApprovalService": "default_timeout_seconds",
    "stageflow.tools:ToolDefinition": (
        "action_type allowed_behaviors approval_message description handler input_schema name requires_approval undo_handler undoable"
    ),
    "stageflow.tools:ToolExecutorConfig": "approval_timeout_seconds emit_events undo_ttl_seconds",
    "stageflow.tools:ToolInput": "action_id payload tool_name",
    "stageflow.tools:ToolOutput": "data error success",
    "stageflow.tools:ToolOutput.ok": "data undo_metadata",
    "stageflow.tools:UndoMetadata": "action_id tool_name undo_data",
    "stageflow.tools:diff_structured": "ignore_keys",
    "stageflow.tools:tool": "description name",
    "stageflow.websearch:ExtractionConfig": "max_link_text_length preserve_code preserve_emphasis preserve_headings preserve_tables",
    "stageflow.websearch:FetchConfig": "follow_redirects max_content_length max_retries retry_delay timeout user_agent",
    "stageflow.websearch:NavigationConfig": "max_actions",
    "stageflow.websearch:WebSearchClient": "on_extract_complete on_fetch_complete on_fetch_error on_fetch_start",
    "stageflow.websearch:WebSearchConfig": "auto_extract auto_navigate extraction fetch max_concurrent navigation",
    "stageflow.websearch:extract_all_links": "concurrency internal_only",
    "stageflow.websearch:fetch_pages": "concurrency on_progress parallel_extraction",
    "stageflow.websearch:fetch_with_retry": "max_retries retry_delay",
    "stageflow.websearch:map_site": "max_depth max_pages",
    "stageflow.websearch:search_and_extract": "max_depth max_pages query start_url",
    "stageflow:BackpressureAwareEventSink": "downstream max_queue_size on_drop",
    "stageflow:InterceptorResult": "error result stage_ran",
    "stageflow:PipelineContext": "execution_mode input_text ports topology",
    "stageflow:PipelineContext.from_snapshot": "data event_sink ports",
    "stageflow:StageContext": "inputs snapshot stage_name timer",
    "stageflow:StageOutput.cancel": "data reason",
    "stageflow:StageOutput.fail": "data error",
    "stageflow:StageOutput.retry": "data error",
    "stageflow:StageOutput.skip": "reason",
    "stageflow:get_default_interceptors": "idempotency_store include_auth",
}


def rows():
    """{module: {name: arguments}}."""
    grouped = {}
    for function, arguments in TABLE.items():
        module, _, name = function.partition(":")
        grouped.setdefault(module, {})[name] = arguments.split()
    return grouped


CASES = tuple(Case(module, {"module": module, "calls": calls}, component=module) for module, calls in rows().items())


def refused(module, calls):
    """`name(argument)` for each that is not taken."""
    found = []
    for name, arguments in calls.items():
        try:
            parameters = inspect.signature(need(f"{module}:{name}")).parameters
        except NotApplicable:
            continue
        if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
            found += [f"{name}({argument})" for argument in arguments if argument not in parameters]
    return found


def scenario(params):
    need_described_release()
    run_target()
    need(params["module"])
    expect_equal(refused(params["module"], params["calls"]), [], "documented arguments that are refused")


def control(params):
    expect_equal(refused("json", {"dumps": ["indent", "sort_keys"], "loads": ["object_hook"]}), [], "those of a standard library module")
