"""A streaming buffer is ready at its target and full at its maximum, and announces under- and overruns once each."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="StreamingBuffer is ready, full, underrun or overrun at the wrong level",
    claim="Ready from target_duration_ms, full from max_duration_ms; buffer_underrun once per underrun, then "
    "buffer_recovered; buffer_overflow when data is dropped.",
    source="docs/guides/observability.md#streaming-events",
    component="stageflow.helpers.StreamingBuffer.is_ready",
    subsystem="streaming",
    category="observability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Playback starts too early and stutters, or too late; stutters are not seen by operators.",
    recommendation="Compare durations inclusively and emit on changes of state.",
)

CASES = (
    Case("empty", {"steps": [], "levels": [False, False, 0.0], "events": []}),
    Case("below target", {"steps": [180], "levels": [False, False, 180.0], "events": []}),
    Case("at target", {"steps": [180, 20], "levels": [True, False, 200.0], "events": []}),
    Case("full", {"steps": [400, 600], "levels": [True, True, 1000.0], "events": []}),
    Case("overflow", {"steps": [400, 600, 100], "levels": [True, True, 1000.0], "events": ["overflow"]}),
    Case("read", {"steps": [200, -50], "levels": [False, False, 150.0], "events": []}),
    Case("underrun", {"steps": [100, -150], "levels": [False, False, 0.0], "events": ["underrun"]}),
    Case("one underrun", {"steps": [100, -150, -20, -20], "levels": [False, False, 0.0], "events": ["underrun"]}),
    Case("recovered", {"steps": [-20, 100, -50, -50], "levels": [False, False, 0.0], "events": ["underrun", "recovered"]}),
    Case(
        "underrun again", {"steps": [-20, 100, -100, -20], "levels": [False, False, 0.0], "events": ["underrun", "recovered", "underrun"]}
    ),
)


@promised
def scenario(params):
    chunk, events = need("stageflow.helpers:AudioChunk"), []
    make = need("stageflow.helpers:StreamingBuffer")
    buffer = make(
        target_duration_ms=200, max_duration_ms=1000, event_emitter=lambda kind, data: events.append(kind.removeprefix("stream.buffer_"))
    )
    for step in params["steps"]:
        if step > 0:
            buffer.add_chunk(chunk(b"\0" * (step * 32)))
        else:
            buffer.read(-step)
    expect_equal([buffer.is_ready(), buffer.is_full(), buffer.duration_ms], params["levels"], "[ready, full, milliseconds]")
    expect_equal([buffer.stats["is_ready"], events], [params["levels"][0], params["events"]], "[ready in stats, events]")


def control(params):
    level = 0
    for step in params["steps"]:
        level = min(1000, max(0, level + step))
    expect_equal([level >= 200, level >= 1000, float(level)], params["levels"], "[ready, full, milliseconds] by hand")
