"""Bytes that go into a streaming buffer are read, dropped or still there, and come out in order."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="StreamingBuffer loses, repeats or reorders audio, or miscounts it",
    claim="received = read + dropped + buffered; what is read continues what was read before, but for the dropped oldest "
    "bytes; reads give the duration asked for.",
    source="invariant:conservation",
    component="stageflow.helpers.StreamingBuffer",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Gaps and repeats in what the user hears.",
    recommendation="Take bytes from the front, add at the end, and count both.",
)

CASES = (
    Case("read as it comes", {"chunk": 640, "read": 20, "chunks": 20, "max": 2000}),
    Case("read more than there is", {"chunk": 640, "read": 50, "chunks": 20, "max": 2000}),
    Case("reader behind", {"chunk": 3200, "read": 20, "chunks": 30, "max": 500}),
    Case("stereo", {"chunk": 6400, "read": 10, "chunks": 30, "max": 400, "channels": 2}),
)


def stream(length):
    """Bytes that tell their place."""
    return b"".join(n.to_bytes(4, "big") for n in range(length // 4))


def run(buffer, make, params):
    """[all read in order, counts add up, drops reported, longest read in bytes]."""
    data, size = stream(params["chunk"] * params["chunks"]), params["chunk"]
    read, dropped, most = b"", 0, 0
    for n in range(params["chunks"]):
        dropped += buffer.add_chunk(make(data[n * size : (n + 1) * size]))
        got = buffer.read(params["read"])
        read, most = read + got, max(most, len(got))
    stats = buffer.stats
    read += buffer.read(10_000)
    balance = stats["total_received"] - stats["total_read"] - stats["total_dropped"] - stats["bytes_buffered"]
    places = [int.from_bytes(read[n : n + 4], "big") for n in range(0, len(read), 4)]
    in_order = places == sorted(set(places)) and len(read) == len(data) - dropped
    return [in_order, balance, stats["total_dropped"] - dropped, most]


@promised
def scenario(params):
    chunk, channels = need("stageflow.helpers:AudioChunk"), params.get("channels", 1)
    buffer = need("stageflow.helpers:StreamingBuffer")(max_duration_ms=params["max"], channels=channels)
    seen = run(buffer, lambda data: chunk(data, channels=channels), params)
    most = min(params["read"] * 32 * channels, params["chunk"] if params["chunk"] < params["read"] * 32 * channels else 10**9)
    expect_equal(seen, [True, 0, 0, most], "[read in order without loss, bytes missing in the counts, drops not reported, bytes of a read]")


def control(params):
    data = stream(params["chunk"])
    places = [int.from_bytes(data[n : n + 4], "big") for n in range(0, len(data), 4)]
    expect_equal(places, sorted(set(places)), "places in a piece of the stream")
