"""A streaming buffer cuts audio between frames, never inside a sample."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="StreamingBuffer.read cuts inside a sample at rates such as 11025 and 22050 Hz: byte counts are not rounded to whole frames",
    claim="What is read or dropped is whole audio frames (2 bytes for each channel).",
    source="invariant:whole audio frames",
    component="stageflow.helpers.StreamingBuffer.read",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Half a sample at the end of each read is noise in the player; after a dropped half frame left and right are "
    "swapped, or all that follows is noise.",
    recommendation="Compute frames first, int(sample_rate * duration_ms / 1000), and multiply by channels times bytes per sample; "
    "the same when dropping.",
    workaround="Resample to 16 kHz, or read durations that give whole frames.",
    cause="stageflow.helpers.streaming:StreamingBuffer.read",
)

CASES = (
    Case("read 20 ms of 16000 Hz", {"rate": 16000, "channels": 1, "read": 20, "drop": False}),
    Case("read 10 ms of 44100 Hz stereo", {"rate": 44100, "channels": 2, "read": 10, "drop": False}),
    Case("read 20 ms of 11025 Hz", {"rate": 11025, "channels": 1, "read": 20, "drop": False}),
    Case("read 10 ms of 22050 Hz", {"rate": 22050, "channels": 1, "read": 10, "drop": False}),
    Case(
        "drop from 22050 Hz stereo",
        {"rate": 22050, "channels": 2, "read": 0, "drop": True},
        "StreamingBuffer.add_chunk drops parts of a sample at rates such as 22050 Hz: byte counts are not rounded to whole frames",
        "stageflow.helpers.StreamingBuffer.add_chunk",
        "stageflow.helpers.streaming:StreamingBuffer.add_chunk #frames",
    ),
)


def odd_bytes(buffer, make, params):
    """Bytes beyond whole frames that were read or dropped."""
    frame = 2 * params["channels"]
    second = params["rate"] * frame
    if params["drop"]:
        dropped = [buffer.add_chunk(make(b"\0" * (second // 20 // frame * frame), params)) for _ in range(60)]
        assert any(dropped)
        return max(size % frame for size in dropped)
    buffer.add_chunk(make(b"\0" * second, params))
    return len(buffer.read(params["read"])) % frame


class Plain:
    """Reads and drops whole frames, in plain Python."""

    def __init__(self, params):
        self._data, self._params = b"", params

    def add_chunk(self, data):
        frame, rate = 2 * self._params["channels"], self._params["rate"]
        top = 2 * rate * frame
        dropped = max(0, len(self._data) + len(data) - top)
        self._data = (self._data + data)[dropped:]
        return dropped

    def read(self, milliseconds):
        size = int(self._params["rate"] * milliseconds / 1000) * 2 * self._params["channels"]
        data, self._data = self._data[:size], self._data[size:]
        return data


@promised
def scenario(params):
    chunk = need("stageflow.helpers:AudioChunk")
    buffer = need("stageflow.helpers:StreamingBuffer")(sample_rate=params["rate"], channels=params["channels"])
    odd = odd_bytes(buffer, lambda data, p: chunk(data, sample_rate=p["rate"], channels=p["channels"]), params)
    expect_equal(odd, 0, "bytes beyond whole frames")


def control(params):
    expect_equal(odd_bytes(Plain(params), lambda data, p: data, params), 0, "bytes beyond whole frames")
