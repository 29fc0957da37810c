"""The memory store, its stages and the memory tracker answer, refuse and keep as described."""

import tracemalloc
import uuid
from datetime import UTC, datetime, timedelta

from components.lab.flow import status_of
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="A memory helper ignores a setting or answers wrongly",
    claim="The store answers for its sessions, the stages tell what they fetched and wrote, a tracker observes while it is active.",
    source="docstring:stageflow.helpers.memory",
    component="stageflow.helpers.InMemoryStore",
    subsystem="memory",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Conversations are kept or cut other than configured.",
    recommendation="Follow the setting.",
)

A, B = uuid.UUID(int=10), uuid.UUID(int=11)


def helper(name, *args, **settings):
    return need(f"stageflow.helpers:{name}")(*args, **settings)


def entry(name, session=A, role="user", **fields):
    return helper("MemoryEntry", id=name, session_id=session, role=role, content=name * 8, **fields)


async def store_of(*entries):
    store = helper("InMemoryStore")
    for one in entries:
        await store.write(one)
    return store


async def ids(store, session=A, **config):
    return [one.id for one in await store.fetch(session, helper("MemoryConfig", **config))]


async def sessions():
    store = await store_of(entry("a"), entry("b", B), entry("c"))
    before = store.get_all_sessions()
    cleared = [await store.clear(A), await store.clear(A), await store.clear(uuid.UUID(int=12))]
    return [before, cleared, store.get_all_sessions(), await ids(store), await ids(store, B)]


async def limits():
    store = await store_of(entry("a"), entry("b", role="system"), entry("c"), entry("d"))
    rows = ({}, {"max_entries": 2}, {"max_entries": 0, "max_tokens": 0}, {"max_tokens": 4}, {"max_tokens": 3}, {"include_system": False})
    return [await ids(store, **row) for row in rows]


async def default_limits():
    store = await store_of(*(entry(str(n)) for n in range(25)))
    return [len(await ids(store)), len(await ids(store, max_entries=0))]


async def recent():
    old = datetime.now(UTC) - timedelta(seconds=90)
    store = await store_of(entry("a", timestamp=old), entry("b"))
    return [await ids(store), await ids(store, recency_window_seconds=60), await ids(store, recency_window_seconds=120)]


def context(**fields):
    return need("stageflow.testing:create_test_stage_context")(session_id=A, **fields)


async def fetched():
    store = await store_of(entry("a"), entry("b"), entry("c"))
    output = await helper("MemoryFetchStage", store, helper("MemoryConfig", max_entries=2)).execute(context())
    data = output.data
    return [status_of(output), [row["id"] for row in data["memory_entries"]], data["memory_count"], data["memory_tokens"]]


async def written():
    store, ok = helper("InMemoryStore"), need("stageflow:StageOutput").ok
    ctx = context(input_text="hello", prior_outputs={"llm": ok(response=5)})
    output = await helper("MemoryWriteStage", store).execute(ctx)
    said = [[one.role, one.content] for one in await store.fetch(A, helper("MemoryConfig"))]
    return [status_of(output), said, output.data["entries_written"], output.data["session_id"] == str(A)]


async def other_answer():
    """Without the stage or the key of the answer only the user's message is written."""
    seen, ok = [], need("stageflow:StageOutput").ok
    for outputs in ({"model": ok(response="yes")}, {"llm": ok(text="yes")}):
        store = helper("InMemoryStore")
        await helper("MemoryWriteStage", store).execute(context(input_text="hello", prior_outputs=outputs))
        seen.append([one.role for one in await store.fetch(A, helper("MemoryConfig"))])
    return seen


async def no_session(name):
    store = await store_of(entry("a"))
    ctx = need("stageflow.testing:create_test_stage_context")(input_text="hello")
    known = ctx.snapshot.session_id
    output = await helper(name, store).execute(ctx)
    return [status_of(output) == ("skip" if known is None else "ok"), await ids(store)]


def kinds():
    stages = [helper(name, helper("InMemoryStore")) for name in ("MemoryFetchStage", "MemoryWriteStage")]
    return [[one.name, one.kind.value] for one in stages]


def tracker_off():
    tracker = helper("MemoryTracker")
    first = tracker.observe(label="on").label
    tracker.stop()
    refused = raised(tracker.observe)
    tracker.start()
    return [first, refused, tracker.observe().label, [one.label for one in tracker.samples]]


def tracker_waits():
    tracemalloc.stop()
    tracker = helper("MemoryTracker", auto_start=False)
    before = [tracemalloc.is_tracing(), raised(tracker.observe), len(tracker.samples)]
    tracker.start()
    return [*before, tracemalloc.is_tracing(), tracker.observe(label="x").label]


def tracker_listeners():
    first, second, third = [], [], []
    tracker = helper("MemoryTracker", listeners=[first.append])
    tracker.observe(label="1")
    tracker.extend_listeners([second.append, third.append])
    sample = tracker.observe(label="2")
    return [[[one.label for one in heard] for heard in (first, second, third)], second[0] is sample, tracker.samples[1] is sample]


def tracker_sizes():
    """A block of four megabytes is seen in kilobytes, and in the peak when it is gone."""
    tracker = helper("MemoryTracker")
    before = tracker.observe()
    block = bytearray(4096 * 1024)
    held = tracker.observe()
    del block
    after = tracker.observe()
    grown, left, peak = held.current_kb - before.current_kb, after.current_kb - before.current_kb, after.peak_kb - before.current_kb
    recent = abs(datetime.now(UTC) - after.timestamp) < timedelta(minutes=1)
    return [4000 < grown < 4500, left < 500, 4000 < peak < 5000, recent]


def tracked_alone():
    """Tracked functions without a tracker work, and get their arguments."""
    return [helper("track_memory")(lambda a, b=0: [a, b])(1, b=2), helper("track_memory", label="x")(lambda: "y")()]


async def tracked_coroutine():
    async def work(a, b=0):
        return [a, b]

    return await helper("track_memory")(work)(1, b=2)


async def tracked_while_running():
    """Samples taken when the body of a tracked coroutine function runs, and after it."""
    tracker, seen = helper("MemoryTracker"), []

    async def work():
        seen.append(len(tracker.samples))

    await helper("track_memory", tracker=tracker)(work)()
    return [*seen, len(tracker.samples)]


FACTS = {
    "InMemoryStore sessions": (sessions, [[A, B], [2, 0, 0], [B], [], ["b"]]),
    "InMemoryStore limits": (limits, [["a", "b", "c", "d"], ["c", "d"], ["a", "b", "c", "d"], ["c", "d"], ["d"], ["a", "c", "d"]]),
    "InMemoryStore default limits": (default_limits, [20, 25]),
    "InMemoryStore recency": (recent, [["a", "b"], ["b"], ["a", "b"]]),
    "MemoryFetchStage": (fetched, ["ok", ["b", "c"], 2, 4]),
    "MemoryWriteStage": (written, ["ok", [["user", "hello"], ["assistant", "5"]], 2, True]),
    "MemoryWriteStage other answer": (other_answer, [["user"], ["user"]]),
    "MemoryFetchStage any session": (lambda: no_session("MemoryFetchStage"), [True, ["a"]]),
    "MemoryWriteStage any session": (lambda: no_session("MemoryWriteStage"), [True, ["a"]]),
    "MemoryFetchStage kinds": (kinds, [["memory_fetch", "enrich"], ["memory_write", "work"]]),
    "MemoryTracker stopped": (tracker_off, ["on", "RuntimeError", None, ["on", None]]),
    "MemoryTracker not started": (tracker_waits, [False, "RuntimeError", 0, True, "x"]),
    "MemoryTracker listeners": (tracker_listeners, [[["1", "2"], ["2"], ["2"]], True, True]),
    "MemoryTracker sizes": (tracker_sizes, [True, True, True, True]),
    "track_memory alone": (tracked_alone, [[1, 2], "y"]),
    "track_memory coroutine": (tracked_while_running, [1, 2]),
    "track_memory coroutine alone": (tracked_coroutine, [1, 2]),
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
    expect_equal(raised(judge, "other", params["fact"]), "Violation", "verdict on another answer")
