"""What a provider response exports for tracing is what it holds."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="A provider response exports an attribute with another value, or none",
    claim="to_otel_attributes() has each attribute under its prefix with the response's value; totals and byte counts are counted.",
    source="docstring:stageflow.helpers.providers.LLMResponse.to_otel_attributes",
    component="stageflow.helpers.LLMResponse.to_otel_attributes",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Traces show other tokens, times or models than the call had.",
    recommendation="Export each field under its own name.",
)

NAMES = {"provider": "acme", "model": "m-1", "latency_ms": 12.5}
SPEECH = {"confidence": 0.25, "duration_ms": 1500.5, "language": "de", "is_final": False}
VOICE = {"duration_ms": 20.5, "sample_rate": 8000, "format": "mp3", "characters_processed": 11}
TOKENS = {"input_tokens": 10, "output_tokens": 5, "cached_tokens": 3}
TABLE = {
    "LLMResponse": ("llm", {"content": "c"}, {**NAMES, **TOKENS, "finish_reason": "stop"}, {"total_tokens": 15}),
    "LLMResponse sparse": (
        "llm",
        {"content": "c", "model": "m", "provider": "p"},
        {},
        {"total_tokens": 0, "input_tokens": 0, "model": "m"},
    ),
    "STTResponse": ("stt", {"text": "t"}, {**NAMES, **SPEECH}, {}),
    "STTResponse sparse": ("stt", {"text": "t"}, {}, {"provider": "", "is_final": True, "confidence": 1.0, "latency_ms": 0.0}),
    "TTSResponse": ("tts", {"audio": b"\0\1\2"}, {**NAMES, **VOICE}, {"byte_count": 3}),
    "TTSResponse sparse": ("tts", {"audio": b""}, {}, {"byte_count": 0, "sample_rate": 16000, "provider": ""}),
}
CASES = tuple(
    Case(f"{name}, {how}", {"row": name, "how": how}, component=f"stageflow.helpers.{name.partition(' ')[0]}")
    for name in TABLE
    for how in ("traced", "dictionary")
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def judge(told, row, how):
    prefix, _, given, counted = TABLE[row]
    wanted = {f"{prefix}.{name}" if how == "traced" else name: value for name, value in (given | counted).items()}
    expect_equal({name: told.get(name, "absent") for name in wanted}, wanted, f"{how} {row}")


@promised
def scenario(params):
    _, required, given, _ = TABLE[params["row"]]
    made = need(f"stageflow.helpers:{params['row'].partition(' ')[0]}")(**required, **given)
    judge(made.to_otel_attributes() if params["how"] == "traced" else made.to_dict(), params["row"], params["how"])


def control(params):
    prefix, _, given, counted = TABLE[params["row"]]
    traced = params["how"] == "traced"
    judge({f"{prefix}.{name}" if traced else name: value for name, value in (given | counted).items()}, params["row"], params["how"])
    expect_equal(raised(judge, {}, params["row"], params["how"]), "Violation", "verdict on nothing")
