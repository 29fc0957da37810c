"""The same audio or text gives the same result, with the size and duration that follow from it."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The speech mocks are not deterministic, or compute a wrong size or duration",
    claim="A mapped audio always gives its transcription; durations follow from 16 kHz 16-bit mono; the same text gives the same audio.",
    source="docs/guides/voice-audio.md#deterministic-audio-testing",
    component="stageflow.helpers.MockSTTProvider",
    subsystem="mocks",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Voice pipeline tests flicker or assert wrong timings.",
    recommendation="Derive text, audio and duration from the input alone.",
    virtual_time=True,
)

TTS = "stageflow.helpers.MockTTSProvider"
CASES = (
    Case("mapped", {"question": "mapped"}),
    Case("cycle", {"question": "cycle"}),
    Case("duration", {"question": "duration"}),
    Case("language", {"question": "language"}),
    Case("same-audio", {"question": "same audio"}, component=TTS),
    Case("audio-size", {"question": "audio size"}, component=TTS),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


WANTED = {
    "mapped": ["mapped", "mapped", "mapped"],
    "cycle": ["one", "two", "one"],
    "duration": [0.0, 10.0, 1000.0],
    "language": ["en", "pl"],
    "same audio": [True, False],
    "audio size": [0, 300, 5_500],
}


async def answer(question):
    helpers, audio = need("stageflow.helpers"), bytes(range(64))
    key = need("stageflow.helpers:MockSTTProvider._hash_audio")(helpers.MockSTTProvider(), audio)
    stt = helpers.MockSTTProvider(transcriptions=["one", "two"], audio_map={key: "mapped"})
    tts = helpers.MockTTSProvider(bytes_per_char=100)
    match question:
        case "mapped":
            return [(await stt.transcribe(audio)).text for _ in range(3)]
        case "cycle":
            return [(await stt.transcribe(b"other")).text for _ in range(3)]
        case "duration":
            return [(await stt.transcribe(b"\x00" * size)).duration_ms for size in (0, 320, 32_000)]
        case "language":
            return [(await stt.transcribe(audio)).language, (await stt.transcribe(audio, language="pl")).language]
        case "same audio":
            first = await tts.synthesize("hello")
            return [first == await helpers.MockTTSProvider().synthesize("hello"), first == await tts.synthesize("world")]
        case _:
            return [len(await tts.synthesize(text)) for text in ("", "abc", "x" * 55)]


async def scenario(params):
    expect_equal(await answer(params["question"]), WANTED[params["question"]], params["question"])


async def control(params):
    expect_equal([size / 32 for size in (0, 320, 32_000)], WANTED["duration"], "durations at 32 bytes a millisecond")
