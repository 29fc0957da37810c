"""The members of the streaming helpers use what they are given, and their numbers and events are right."""

import asyncio

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import error_awaited, raised

PROBE = Probe(
    title="A streaming helper ignores an argument or tells a wrong number",
    claim="Sizes, rates, marks, events and statistics of the streaming helpers follow their arguments and what has happened.",
    source="docstring:stageflow.helpers.streaming",
    component="stageflow.helpers.streaming",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Audio is timed, throttled or accounted for wrongly.",
    recommendation="Use the argument, and count each thing once.",
    virtual_time=True,
)

MODULE = "stageflow.helpers.streaming"


def made(name, *args, **settings):
    return need(f"{MODULE}:{name}")(*args, **settings)


def chunk(milliseconds, **fields):
    return made("AudioChunk", b"\1" * (32 * milliseconds), **fields)


def chunk_durations():
    formats = need(f"{MODULE}:AudioFormat")
    data = b"\0" * 32000
    rows = ({}, {"channels": 2}, {"sample_rate": 8000}, {"format": formats.PCM_32}, {"format": formats.FLOAT_32})
    return [made("AudioChunk", data, **row).duration_ms for row in rows]


def chunk_least():
    one = need(f"{MODULE}:AudioChunk").from_dict({"data": "AAE="})
    fields = ("data", "sample_rate", "channels", "timestamp_ms", "sequence", "is_final", "metadata")
    return [*(getattr(one, name) for name in fields), one.format.value]


def durations():
    count = need(f"{MODULE}:calculate_audio_duration_ms")
    return [count(32000), count(32000, 8000), count(32000, 16000, 2), count(32000, channels=2, bytes_per_sample=4), count(0)]


def audio_text():
    text = need(f"{MODULE}:encode_audio_for_logging")
    return [len(text(b"x" * 5000)) < 200, text(b"x" * 101).count("..."), text(b"x" * 100).count("..."), text(b"abc", 2) != text(b"abc")]


def drop_rate():
    rows = ((0, 0), (1, 1), (4, 1))
    return [made("BackpressureStats", total_items=total, dropped_items=dropped).to_dict()["drop_rate"] for total, dropped in rows]


def monitor_counts():
    one = made("BackpressureMonitor")
    for size in (3, 7, 5):
        one.record_put(size, 20)
    one.record_blocked(10.5), one.record_blocked(2.0), one.record_drop(), one.record_drop(), one.record_drop()
    told = one.stats.to_dict()
    names = ("total_items", "max_queue_size", "blocked_puts", "total_blocked_ms", "dropped_items", "drop_rate")
    return [*(told[name] for name in names), one.fill_percentage]


def monitor_levels(sizes, **settings):
    """should_throttle() after each put into a queue of a hundred."""
    one, seen = made("BackpressureMonitor", **settings), []
    for size in sizes:
        one.record_put(size)
        seen.append(one.should_throttle())
    return seen


def monitor_odd():
    one = made("BackpressureMonitor")
    one.record_put(5, 0)
    return [one.fill_percentage, one.should_throttle()]


async def queue_events(**settings):
    events = []
    queue = made("ChunkQueue", 2, event_emitter=lambda kind, data: events.append([kind, data]), **settings)
    return queue, events


async def dropped():
    queue, events = await queue_events(drop_on_overflow=True)
    answers = [await queue.put(n) for n in range(4)]
    rows = [[data["max_size"], data["reason"]] for kind, data in events if kind == "stream.chunk_dropped"]
    return [answers, rows, queue.monitor.stats.dropped_items, queue.monitor.stats.total_items, len(queue)]


async def closed():
    queue, events = await queue_events(drop_on_overflow=True)
    for n in range(3):
        await queue.put(n)
    await queue.close()
    rows = [dict(data) for kind, data in events if kind == "stream.queue_closed"]
    stats = queue.monitor.stats.to_dict()
    return [len(rows), all(value == stats[name] for name, value in rows[0].items()), rows[0]["total_items"], rows[0]["dropped_items"]]


async def blocked():
    queue, _ = await queue_events()
    await queue.put(0), await queue.put(1)
    waiting = asyncio.ensure_future(queue.put(2))
    await asyncio.sleep(0)
    first = [waiting.done(), await queue.get()]
    return [*first, await waiting, [await queue.get(), await queue.get()], queue.is_closed]


async def throttled():
    queue, events = await queue_events()
    for n in range(3):
        await queue.put(n)
        await queue.get()
    await queue.put(3), await queue.put(4)
    rows = [[kind, data["fill_percentage"], data["queue_size"]] for kind, data in events if "throttle" in kind]
    return rows


async def broken_emitter():
    def emitter(kind, data):
        raise OSError("away")

    queue = made("ChunkQueue", 1, drop_on_overflow=True, event_emitter=emitter)
    buffer = made("StreamingBuffer", event_emitter=emitter)
    buffer.add_chunk(chunk(20))
    answers = [await queue.put(0), await queue.put(1), len(buffer.read(40))]
    await queue.close()
    return [*answers, await queue.get()]


async def nothing_there():
    queue = made("ChunkQueue")
    try:
        return queue.get_nowait()
    except asyncio.QueueEmpty:
        return "QueueEmpty"


async def iterated():
    queue, seen = made("ChunkQueue", 9), []
    for n in (1, 0, "", False, 2):
        await queue.put(n)
    await queue.close()
    async for item in queue:
        seen.append(item)
    return seen


async def bus_names():
    bus = made("RealtimeStageBus")
    return [await error_awaited(bus.channel("")), await error_awaited(bus.close_channel("never seen"))]


async def bus_sizes():
    """Items that fit without waiting into a default channel and into two with sizes of their own."""
    sizes = []
    for name, settings in (("default", {}), ("own", {"max_size": 3}), ("unlimited", {"max_size": 0})):
        bus, count = made("RealtimeStageBus"), 0
        queue = await bus.channel(name, **settings)
        while count < 150:
            put = asyncio.ensure_future(queue.put(count))
            await asyncio.sleep(0)
            if not put.done():
                put.cancel()
                break
            count += 1
        sizes.append(count)
    return sizes


async def bus_emitter():
    events = []
    bus = made("RealtimeStageBus", event_emitter=lambda kind, data: events.append(kind))
    await bus.publish("a", 1), await bus.publish("b", 1)
    await bus.close_all()
    return events, [row["closed"] for row in (await bus.stats()).values()]


async def bus_stats_are_a_picture():
    bus = made("RealtimeStageBus")
    await bus.publish("a", 1)
    before = await bus.stats()
    before.clear()
    return [(await bus.stats())["a"]["size"], await bus.publish("a", 2), (await bus.stats())["a"]["size"]]


def snapshot():
    return need("stageflow.testing:create_test_snapshot")()


def parts_of(*args, **settings):
    """(context, bus) in whatever order they come."""
    pair = need(f"{MODULE}:create_realtime_stage_context")(*args, **settings)
    return sorted(pair, key=lambda part: hasattr(part, "publish"))


async def stage_context_bus():
    given = made("RealtimeStageBus")
    ctx, bus = parts_of(snapshot(), bus=given)
    own, other = parts_of(snapshot(), bus_max_size=2, bus_drop_on_overflow=True)
    answers = [await other.publish("a", n) for n in range(4)]
    same = [bus is given, ctx.inputs.ports.realtime_bus is given, own.inputs.ports.realtime_bus is other]
    return [*same, answers, (await other.stats())["a"]["size"]]


FACTS = {
    "AudioChunk durations": (chunk_durations, [1000.0, 500.0, 2000.0, 500.0, 500.0]),
    "AudioChunk least dictionary": (chunk_least, [b"\0\1", 16000, 1, 0.0, 0, False, {}, "pcm_16"]),
    "calculate_audio_duration_ms": (durations, [1000.0, 2000.0, 500.0, 250.0, 0.0]),
    "encode_audio_for_logging": (audio_text, [True, 1, 0, True]),
    "BackpressureStats drop rate": (drop_rate, [0.0, 1.0, 0.25]),
    "BackpressureMonitor counts": (monitor_counts, [3, 7, 2, 12.5, 3, 1.0, 25.0]),
    "BackpressureMonitor default marks": (
        lambda: monitor_levels((79, 80, 79, 21, 20, 79)),
        [False, True, True, True, False, False],
    ),
    "BackpressureMonitor own marks": (
        lambda: monitor_levels((59, 60, 41, 40, 59), high_water_mark=60, low_water_mark=40),
        [False, True, True, False, False],
    ),
    "BackpressureMonitor threshold": (lambda: monitor_levels((49, 50, 26, 21, 20), threshold=0.5), [False, True, True, True, False]),
    "BackpressureMonitor low threshold": (lambda: monitor_levels((50, 14, 10, 5), threshold=0.25), [True, True, False, False]),
    "BackpressureMonitor threshold above one": (lambda: monitor_levels((99, 100), threshold=7), [False, True]),
    "BackpressureMonitor unlimited queue": (lambda: [float(value) for value in monitor_odd()], [0.0, 0.0]),
    "ChunkQueue drops": (dropped, [[True] * 4, [[2, "overflow"]] * 2, 2, 4, 2]),
    "ChunkQueue final statistics": (closed, [1, True, 3, 1]),
    "ChunkQueue waits": (blocked, [False, 0, True, [1, 2], False]),
    "ChunkQueue throttle": (throttled, [["stream.throttle_started", 100.0, 2]]),
    "ChunkQueue broken emitter": (broken_emitter, [True, True, 640, 1]),
    "ChunkQueue nothing there": (nothing_there, "QueueEmpty"),
    "ChunkQueue iterated": (iterated, [1, 0, "", False, 2]),
    "RealtimeStageBus names": (bus_names, ["ValueError", ""]),
    "RealtimeStageBus sizes": (bus_sizes, [100, 3, 150]),
    "RealtimeStageBus emitter": (bus_emitter, (["stream.queue_closed"] * 2, [True, True])),
    "RealtimeStageBus statistics": (bus_stats_are_a_picture, [1, True, 2]),
    "create_realtime_stage_context bus": (stage_context_bus, [True, True, True, [True] * 4, 2]),
}
CASES = tuple(Case(name, {"fact": name}, component=f"stageflow.helpers.{name.partition(' ')[0]}") for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers"), need("stageflow.testing")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
async def scenario(params):
    try:
        seen = FACTS[params["fact"]][0]()
        judge(await seen if hasattr(seen, "__await__") else seen, params["fact"])
    except KeyError as error:
        raise Violation("every part of the answer", f"no {error}") from None


async def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, b"other", params["fact"]), "Violation", "verdict on another answer")
