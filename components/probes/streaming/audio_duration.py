"""The duration of audio follows from bytes, rate, channels and bytes per sample."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The duration of an audio chunk is wrong",
    claim="Duration in milliseconds = bytes / (bytes per sample x channels) / sample rate x 1000.",
    source="docs/guides/voice-audio.md#audio-chunk-management",
    component="stageflow.helpers.AudioChunk.duration_ms",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Audio is played too fast, too slow or out of step with its transcript.",
    recommendation="Use the formula with the bytes per sample of the format.",
)

FUNCTION = "stageflow.helpers.calculate_audio_duration_ms"
ROWS = (
    (3200, 16000, 1, 2, 100.0),
    (0, 16000, 1, 2, 0.0),
    (6400, 16000, 2, 2, 100.0),
    (9600, 48000, 1, 2, 100.0),
    (9600, 8000, 3, 4, 100.0),
    (1, 16000, 1, 1, 0.0625),
)
FORMATS = {"pcm_16": 2, "pcm_32": 4, "float_32": 4}
CASES = (
    *(
        Case(
            f"{row[0]} bytes {row[1]} Hz {row[2]}x{row[3]}",
            {"row": list(row)},
            component=FUNCTION,
            title="calculate_audio_duration_ms is wrong",
        )
        for row in ROWS
    ),
    *(Case(f"{name} x{channels}", {"format": name, "channels": channels}) for name in FORMATS for channels in (1, 2)),
    Case("defaults", {"format": None, "channels": 1}),
)


def by_hand(size, rate, channels, width):
    return round(size * 1000 / (width * channels * rate), 9)


def observed(params):
    """(milliseconds by the target, by hand)."""
    if "row" in params:
        *given, wanted = params["row"]
        return round(need("stageflow.helpers.streaming:calculate_audio_duration_ms")(*given), 9), wanted
    chunk, formats = need("stageflow.helpers:AudioChunk"), need("stageflow.helpers:AudioFormat")
    if params["format"] is None:
        return round(chunk(b"\0" * 640).duration_ms, 9), 20.0
    made = chunk(b"\0" * 9600, sample_rate=24000, channels=params["channels"], format=formats(params["format"]))
    return round(made.duration_ms, 9), by_hand(9600, 24000, params["channels"], FORMATS[params["format"]])


@promised
def scenario(params):
    seen, wanted = observed(params)
    expect_equal(seen, wanted, "milliseconds")


def control(params):
    row = params.get("row", [3200, 16000, 1, 2, 100.0])
    expect_equal(by_hand(*row[:4]), row[4], "milliseconds by hand")
