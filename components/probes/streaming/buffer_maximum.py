"""A streaming buffer never holds more than its maximum."""

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="StreamingBuffer holds more than max_duration_ms: it drops in steps of 50 ms, and nothing when it holds less than a step",
    claim="max_duration_ms is the maximum buffer size; the oldest data beyond it is dropped.",
    source="docstring:stageflow.helpers.streaming.StreamingBuffer.__init__",
    component="stageflow.helpers.StreamingBuffer.add_chunk",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="With the small buffers of a low-latency call, playback lags behind by up to 50 ms more than the configured maximum.",
    recommendation="Drop exactly the bytes that are too many: len(buffer) + len(chunk) - maximum, at most all that is buffered.",
    workaround="Use a maximum of at least 50 ms and the longest chunk together.",
    cause="stageflow.helpers.streaming:StreamingBuffer.add_chunk #maximum",
)

CASES = tuple(
    Case(f"{chunk} ms chunks into {top} ms", {"max": top, "chunk": chunk}) for top, chunk in ((1000, 20), (500, 100), (100, 60), (40, 20))
)


class Plain:
    """The rule in plain Python, 16 kHz mono."""

    def __init__(self, top):
        self._data, self._top = b"", top * 32

    duration_ms = property(lambda self: len(self._data) / 32)

    def add(self, data):
        self._data = (self._data + data)[-self._top :]


def longest(add, duration, chunk):
    """Most milliseconds held while 60 chunks come in."""
    most = 0.0
    for _ in range(60):
        add(b"\0" * (chunk * 32))
        most = max(most, duration())
    return most


def verdict(add, duration, params):
    most = longest(add, duration, params["chunk"])
    expect(most <= params["max"], f"at most {params['max']} ms held", f"{most:.0f} ms")


@promised
def scenario(params):
    chunk = need("stageflow.helpers:AudioChunk")
    buffer = need("stageflow.helpers:StreamingBuffer")(max_duration_ms=params["max"])
    verdict(lambda data: buffer.add_chunk(chunk(data)), lambda: buffer.duration_ms, params)


def control(params):
    plain = Plain(params["max"])
    verdict(plain.add, lambda: plain.duration_ms, params)
