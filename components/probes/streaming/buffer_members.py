"""A streaming buffer uses its settings, and its numbers and events are right."""

from components.lab.probe import Case, Probe, Violation, expect, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="A streaming buffer ignores a setting or tells a wrong number",
    claim="Levels, events and statistics of a StreamingBuffer follow its settings and what was added and read.",
    source="docstring:stageflow.helpers.streaming.StreamingBuffer",
    component="stageflow.helpers.StreamingBuffer",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Audio is timed, throttled or accounted for wrongly.",
    recommendation="Use the argument, and count each thing once.",
)

MODULE = "stageflow.helpers.streaming"


def made(name, *args, **settings):
    return need(f"{MODULE}:{name}")(*args, **settings)


def chunk(milliseconds, **fields):
    return made("AudioChunk", b"\1" * (32 * milliseconds), **fields)


def buffer_clear():
    one = made("StreamingBuffer", target_duration_ms=10)
    one.add_chunk(chunk(40))
    read = len(one.read(10))
    one.clear()
    told = one.stats
    return [read, [told[name] for name in ("duration_ms", "bytes_buffered", "is_ready", "total_received", "total_read", "total_dropped")]]


def buffer_defaults():
    one, seen = made("StreamingBuffer"), []
    for milliseconds in (199, 1, 1799, 1):
        one.add_chunk(chunk(milliseconds))
        seen.append([one.is_ready(), one.is_full()])
    return [seen, len(one.read())]


def buffer_settings():
    one = made("StreamingBuffer", sample_rate=8000, channels=2)
    one.add_chunk(made("AudioChunk", b"\0" * 3200, sample_rate=8000, channels=2))
    return [one.duration_ms, len(one.read(30)), one.duration_ms]


def counted(**settings):
    """A buffer that gives up when it asks for its level without end."""

    class Counted(need(f"{MODULE}:StreamingBuffer")):
        """Counts how often the level is asked for."""

        asked = 0

        @property
        def duration_ms(self):
            self.asked += 1
            expect(self.asked < 10_000, "add_chunk() and read() end", "the buffer asks for its level without end")
            return super().duration_ms

    return Counted(**settings)


def buffer_events():
    events = []
    one = counted(max_duration_ms=200, event_emitter=lambda kind, data: events.append([kind, dict(data)]))
    one.add_chunk(chunk(200))
    dropped = one.add_chunk(chunk(50))
    one.read(250)
    one.add_chunk(chunk(50))
    one.read(20)
    rows = {kind.rpartition("_")[2]: data for kind, data in events}
    under = [rows["underrun"]["bytes_requested"], rows["underrun"]["bytes_available"]]
    over = [rows["overflow"]["bytes_dropped"], rows["overflow"]["max_duration_ms"]]
    return [dropped, one.stats["total_dropped"], over, under, [kind for kind, _ in events], one.stats["underrun_active"]]


FACTS = {
    "clear": (buffer_clear, [320, [0.0, 0, False, 1280, 320, 0]]),
    "defaults": (buffer_defaults, [[[False, False], [True, False], [True, False], [True, True]], 640]),
    "rate and channels": (buffer_settings, [100.0, 960, 70.0]),
    "events": (
        buffer_events,
        [1600, 1600, [1600, 200], [8000, 6400], ["stream.buffer_overflow", "stream.buffer_underrun", "stream.buffer_recovered"], False],
    ),
}
CASES = tuple(Case(name, {"fact": name}) for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
def scenario(params):
    try:
        judge(FACTS[params["fact"]][0](), params["fact"])
    except KeyError as error:
        raise Violation("every part of the answer", f"no {error}") from None


def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, b"other", params["fact"]), "Violation", "verdict on another answer")
