"""Every name that the documentation imports from a stageflow module is there."""

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.value_kit import need_described_release, run_target

PROBE = Probe(
    title="A documented public name is no longer where the documentation imports it from",
    claim="The names that the documentation's Python examples import from this module can be imported from it.",
    source="docs/api/helpers.md#key-exports",
    component="docs",
    subsystem="docs",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Applications written from the documentation stop at their import.",
    recommendation="Export the name again, or announce its removal and change the documentation.",
)

TABLE = {
    "stageflow": (
        "BackpressureAwareEventSink BaseInterceptor ChildTrackerMetricsInterceptor CircuitBreakerInterceptor ErrorAction "
        "EventSink InterceptorContext InterceptorResult LoggingEventSink LoggingInterceptor MetricsInterceptor NoOpEventSink "
        "Pipeline PipelineContext PipelineTimer Stage StageContext StageExecutionError StageKind StageOutput StageStatus "
        "TimeoutInterceptor TracingInterceptor UnifiedStageExecutionError clear_event_sink create_test_context "
        "get_default_interceptors get_event_sink pipeline_registry set_event_sink"
    ),
    "stageflow.advanced": (
        "BaseInterceptor ChildTrackerMetricsInterceptor CircuitBreakerInterceptor ContextSizeInterceptor ErrorAction "
        "GuardRetryPolicy GuardRetryStrategy ImmutabilityInterceptor InterceptorContext InterceptorResult LoggingInterceptor "
        "MetricsInterceptor Pipeline PipelineBuilder PipelineContext StageKind StageResult TimeoutInterceptor TracingInterceptor "
        "UnifiedStageGraph get_default_interceptors run_with_interceptors"
    ),
    "stageflow.agent": "Agent AgentConfig AgentStage PromptLibrary PromptTemplate TypedLLMOutput",
    "stageflow.api": (
        "Pipeline PipelineContext Stage StageArtifact StageCancellationRequested StageContext StageEvent StageKind StageOutput "
        "StagePayloadResult StageReturn StageStatus ok_output payload_from_inputs payload_from_results stage stage_metadata"
    ),
    "stageflow.auth": (
        "AuthContext AuthFailureEvent AuthInterceptor AuthLoginEvent AuthenticationError CrossTenantAccessError InvalidTokenError "
        "JwtValidator MissingClaimsError MockJwtValidator OrgContext OrgEnforcementInterceptor TenantAccessDeniedEvent "
        "TenantContext TenantIsolationError TenantIsolationValidator TokenExpiredError clear_current_tenant get_current_tenant "
        "require_tenant set_current_tenant"
    ),
    "stageflow.cli": "DependencyIssue DependencyLintResult lint_pipeline lint_pipeline_file",
    "stageflow.cli.lint": "lint_pipeline",
    "stageflow.compression": "apply_delta compress",
    "stageflow.context": (
        "ContextSnapshot Conversation DataConflictError DocumentEnrichment Enrichments ExtensionBundle MemoryEnrichment Message "
        "OutputBag OutputConflictError OutputEntry ProfileEnrichment RunIdentity"
    ),
    "stageflow.context.identity": "RunIdentity",
    "stageflow.context.output_bag": "OutputBag",
    "stageflow.contracts": "TypedStageOutput",
    "stageflow.core": "StageArtifact StageContext StageKind StageOutput",
    "stageflow.events": "emit_event set_event_sink",
    "stageflow.helpers": (
        "AnalyticsEvent AnalyticsExporter AnalyticsSink AudioChunk AudioFormat BackpressureMonitor BufferedExporter ChunkQueue "
        "ConsoleExporter ContentFilter ContentLengthCheck GuardrailCheck GuardrailConfig GuardrailResult GuardrailStage "
        "InMemoryStore InjectionDetector JSONFileExporter LLMResponse MemoryFetchStage MemoryWriteStage MockAuthProvider "
        "MockLLMProvider MockSTTProvider MockTTSProvider MockToolExecutor PIIDetector PipelineRunner PolicyViolation "
        "RealtimeStageBus STTResponse StreamConfig StreamingBuffer TTSResponse ViolationType create_realtime_stage_context "
        "detect_unix_precision encode_audio_for_logging normalize_to_utc parse_timestamp"
    ),
    "stageflow.helpers.guardrails": "GuardrailCheck GuardrailResult InjectionDetector PolicyViolation ViolationType",
    "stageflow.helpers.memory_tracker": "MemoryTracker track_memory",
    "stageflow.helpers.uuid_utils": "UuidCollisionMonitor generate_uuid7",
    "stageflow.observability": (
        "CircuitBreaker CircuitBreakerOpenError PipelineRunLogger ProviderCallLogger WideEventEmitter clear_correlation_id "
        "emit_pipeline_wide_event emit_stage_wide_event ensure_correlation_id error_summary_to_stages_patch "
        "error_summary_to_string get_circuit_breaker get_correlation_id get_span_id get_trace_context_dict get_trace_id "
        "set_correlation_id summarize_pipeline_error"
    ),
    "stageflow.pipeline": "FluentPipelineBuilder PipelineBuilder PipelineRegistry SubpipelineSpawner",
    "stageflow.pipeline.dag": "StageGraph UnifiedPipelineCancelled",
    "stageflow.pipeline.idempotency": "InMemoryIdempotencyStore",
    "stageflow.pipeline.interceptors": "BaseInterceptor CircuitBreakerInterceptor ErrorAction InterceptorResult get_default_interceptors",
    "stageflow.pipeline.subpipeline": (
        "ChildRunTracker DEFAULT_MAX_SUBPIPELINE_DEPTH MaxDepthExceededError PipelineCanceledEvent PipelineChildCompletedEvent "
        "PipelineChildFailedEvent PipelineSpawnedChildEvent SubpipelineResult SubpipelineSpawner get_child_tracker "
        "get_subpipeline_spawner set_child_tracker set_subpipeline_spawner"
    ),
    "stageflow.projector": "ProjectorService WSMessageProjector WSMetadata WSOutboundMessage WSStatusUpdatePayload",
    "stageflow.protocols": "ConfigProvider CorrelationIds EventSink ExecutionContext RunStore",
    "stageflow.stages": "StageInputs",
    "stageflow.stages.context": "PipelineContext StageContext",
    "stageflow.stages.inputs": "StageInputs UndeclaredDependencyError create_stage_inputs",
    "stageflow.stages.ports": "AudioPorts CorePorts LLMPorts create_audio_ports create_core_ports create_llm_ports",
    "stageflow.stages.result": "StageResult",
    "stageflow.testing": (
        "create_test_pipeline_context create_test_snapshot create_test_stage_context snapshot_from_dict_strict validate_snapshot "
        "validate_snapshot_strict"
    ),
    "stageflow.tools": (
        "Action AdvancedToolExecutor ApprovalDecision ApprovalRequest ApprovalService ApprovalStatus BaseTool DiffResult DiffType "
        "ExecutionResult Tool ToolApprovalDeniedError ToolApprovalTimeoutError ToolCompletedEvent ToolDefinition ToolDeniedError "
        "ToolDeniedEvent ToolError ToolExecutionError ToolExecutor ToolExecutorConfig ToolFailedEvent ToolInput ToolInvokedEvent "
        "ToolNotFoundError ToolOutput ToolRegistry ToolStartedEvent ToolUndoError ToolUndoFailedEvent ToolUndoneEvent "
        "UndoMetadata UndoStore adapt_context diff_json diff_structured diff_text get_approval_service get_tool_registry "
        "get_undo_store register_tool set_undo_store tool"
    ),
    "stageflow.tools.base": "BaseTool ToolInput ToolOutput",
    "stageflow.tools.executor": "ToolExecutor",
    "stageflow.tools.registry": "ToolRegistry",
    "stageflow.websearch": (
        "ExtractionConfig FetchConfig NavigationConfig WebSearchClient WebSearchConfig create_mock_client extract_all_links "
        "fetch_page fetch_pages fetch_with_retry map_site search_and_extract shutdown_extraction_pool"
    ),
}
CASES = tuple(Case(module, {"module": module, "names": names.split()}, component=module) for module, names in TABLE.items())


def missing(module, names):
    """Names that the module does not have."""
    absent = []
    for name in names:
        try:
            need(f"{module}:{name}")
        except NotApplicable:
            absent.append(name)
    return absent


def scenario(params):
    need_described_release()
    run_target()
    need(params["module"])
    expect_equal(missing(params["module"], params["names"]), [], "documented names that are missing")


def control(params):
    expect_equal(missing("json", ["dumps", "loads"]), [], "names of a standard library module that are missing")
