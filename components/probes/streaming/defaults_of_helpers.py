"""What is not given to a helper has the default that its signature and its description state."""

import dataclasses
import inspect

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.value_kit import raised, run_target

PROBE = Probe(
    title="A setting of a helper that is not given has another default",
    claim="Fields and arguments of the helpers that are left out have the defaults of their signatures: limits, rates, marks and switches.",
    source="docstring:stageflow.helpers",
    component="stageflow.helpers",
    subsystem="streaming",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Programs that rely on a default run under another limit, format or policy.",
    recommendation="Restore the default, or announce its change.",
)

NEW = "a new one"
AUDIO = {"sample_rate": 16000, "channels": 1}
NAMES = {"provider": "", "model": "", "latency_ms": 0.0, "raw_response": None}
TABLE = {
    "streaming:StreamConfig": {"chunk_size": 4096, **AUDIO, "buffer_duration_ms": 100, "format": "pcm_16"},
    "streaming:AudioChunk": {**AUDIO, "format": "pcm_16", "timestamp_ms": 0.0, "sequence": 0, "is_final": False, "metadata": NEW},
    "streaming:BackpressureStats": dict.fromkeys(("total_items", "dropped_items", "blocked_puts", "max_queue_size"), 0)
    | {"total_blocked_ms": 0.0},
    "streaming:BackpressureMonitor": {"high_water_mark": 80, "low_water_mark": 20, "threshold": None},
    "streaming:BackpressureMonitor.record_put": {"max_size": 100},
    "streaming:ChunkQueue": {"max_size": 100, "drop_on_overflow": False, "event_emitter": None},
    "streaming:RealtimeStageBus": {"default_max_size": 100, "default_drop_on_overflow": False, "event_emitter": None},
    "streaming:RealtimeStageBus.channel": {"max_size": None, "drop_on_overflow": None},
    "streaming:StreamingBuffer": {"target_duration_ms": 200, "max_duration_ms": 2000, **AUDIO, "event_emitter": None},
    "streaming:StreamingBuffer.read": {"duration_ms": 20},
    "streaming:encode_audio_for_logging": {"max_bytes": 100},
    "streaming:calculate_audio_duration_ms": {**AUDIO, "bytes_per_sample": 2},
    "streaming:create_realtime_stage_context": {"bus": None, "bus_max_size": 100, "bus_drop_on_overflow": False},
    "providers:LLMResponse": {
        "input_tokens": 0,
        "output_tokens": 0,
        "latency_ms": 0.0,
        "finish_reason": None,
        "tool_calls": NEW,
        "cached_tokens": 0,
        "raw_response": None,
    },
    "providers:STTResponse": {**NAMES, "confidence": 1.0, "duration_ms": 0.0, "language": "en", "words": NEW, "is_final": True},
    "providers:TTSResponse": {**NAMES, **AUDIO, "duration_ms": 0.0, "format": "pcm_16", "characters_processed": 0},
    "guardrails:PolicyViolation": {"severity": 0.5, "metadata": NEW, "location": None},
    "guardrails:GuardrailResult": {"violations": NEW, "transformed_content": None, "metadata": NEW},
    "guardrails:GuardrailConfig": {
        "fail_on_violation": True,
        "transform_content": True,
        "violation_threshold": 0.0,
        "log_violations": True,
    },
    "guardrails:PIIDetector": {"redact": False, "redaction_char": "*", "detect_types": None},
    "guardrails:ContentFilter": {"block_profanity": True, "profanity_list": None, "blocked_patterns": None, "max_severity": 0.3},
    "guardrails:InjectionDetector": {"additional_patterns": None},
    "guardrails:ContentLengthCheck": {"max_chars": 0, "max_tokens": 0, "min_chars": 0},
    "guardrails:GuardrailStage": {"config": None, "content_key": None},
    "memory:MemoryEntry": {"metadata": NEW, "timestamp": NEW},
    "memory:MemoryFetchStage": {"config": None},
    "memory:MemoryWriteStage": {"response_stage": "llm", "response_key": "response"},
    "memory_tracker:MemorySample": {"label": None},
    "memory_tracker:MemoryTracker": {"auto_start": True, "listeners": NEW},
    "memory_tracker:track_memory": {"label": None, "tracker": None},
    "uuid_utils:ClockSkewDetector": {"max_skew_ms": 5000.0},
    "uuid_utils:UuidEvent": {"skew_ms": None},
    "uuid_utils:UuidCollisionMonitor": {
        "ttl_seconds": 300.0,
        "max_entries": 50_000,
        "category": "default",
        "listeners": None,
        "check_skew": False,
    },
    "analytics:AnalyticsEvent": {
        "timestamp": NEW,
        "data": NEW,
        "pipeline_run_id": None,
        "stage_name": None,
        "duration_ms": None,
        "metadata": NEW,
    },
    "analytics:JSONFileExporter": {"append": True},
    "analytics:ConsoleExporter": {"colorize": True, "verbose": False},
    "analytics:BufferedExporter": {
        "batch_size": 100,
        "flush_interval_seconds": 10.0,
        "flush_interval": None,
        "max_buffer_size": 10000,
        "on_overflow": None,
        "high_water_mark": 0.8,
    },
    "analytics:AnalyticsSink": {"include_patterns": None, "exclude_patterns": None},
    "run_utils:setup_logging": {"verbose": False, "json_format": False, "log_file": None},
    "run_utils:ObservableEventSink": {"verbose": True, "colorize": True, "capture": True},
    "run_utils:PipelineRunner": {
        "verbose": True,
        "colorize": True,
        "capture_events": True,
        "enable_uuid_monitor": False,
        "enable_memory_tracker": False,
        "uuid_monitor_ttl_seconds": 300.0,
        "memory_tracker_auto_start": True,
        "enable_immutability_check": False,
        "enable_context_size_monitor": False,
    },
    "run_utils:PipelineRunner.print_result": {"show_data": True},
    "run_utils:RunResult": {
        "stages": NEW,
        "duration_ms": 0.0,
        "error": None,
        "error_type": None,
        "cancelled": False,
        "cancel_reason": None,
        "events": NEW,
        "pipeline_run_id": None,
    },
    "run_utils:run_simple_pipeline": {"execution_mode": "practice", "metadata": None, "verbose": False, "colorize": False},
}
CASES = tuple(
    Case(
        name,
        {"made": name},
        component=f"stageflow.helpers.{name.partition(':')[2]}",
        title=f"A default of {name.partition(':')[2]} differs",
    )
    for name in TABLE
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def defaults_of(function, names):
    """The defaults of these parameters; enumerations by value, made anew for each instance as such."""
    fields = {item.name: item for item in dataclasses.fields(function)} if dataclasses.is_dataclass(function) else {}
    parameters, found = inspect.signature(function).parameters, {}
    for name in names:
        if name not in parameters:
            raise NotApplicable(f"no argument {name} in this release")
        default = parameters[name].default
        fresh = name in fields and fields[name].default_factory is not dataclasses.MISSING
        found[name] = NEW if fresh else "required" if default is inspect.Parameter.empty else getattr(default, "value", default)
    return found


def judge(found, name):
    expect_equal(found, TABLE[name], f"defaults of {name.partition(':')[2]}")


def scenario(params):
    run_target()
    module, _, name = params["made"].partition(":")
    judge(defaults_of(need(f"stageflow.helpers.{module}:{name}"), TABLE[params["made"]]), params["made"])


def control(params):
    judge(dict(TABLE[params["made"]]), params["made"])
    expect_equal(raised(judge, {}, params["made"]), "Violation", "verdict on other defaults")
