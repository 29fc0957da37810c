"""The UUID helpers use their settings, and their events carry what was observed."""

import time
import uuid
from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="A UUID helper ignores a setting or tells the wrong thing",
    claim="The monitor keeps ids for ttl_seconds and max_entries, and hands category, value, collision, time and skew to its listeners.",
    source="docstring:stageflow.helpers.uuid_utils.UuidCollisionMonitor",
    component="stageflow.helpers.UuidCollisionMonitor",
    subsystem="uuid_utils",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Reused ids or wrong clocks are missed, or reported for the wrong part of the system.",
    recommendation="Use the setting, and fill the event from what was observed.",
)

A, B = uuid.UUID(int=1), uuid.UUID(int=2)


def monitor(**settings):
    return need("stageflow.helpers:UuidCollisionMonitor")(**settings)


def skewed(ahead_ms):
    """A UUIDv7 made now plus so many milliseconds."""
    return uuid.UUID(int=((int(time.time() * 1000) + ahead_ms) << 80) | (7 << 76) | (2 << 62) | 12345)


def categories():
    heard = []
    one = monitor(category="tool", listeners=[heard.append])
    one.observe(A)
    return [one.category, heard[0].category, monitor().category]


def events():
    heard = []
    one = monitor(listeners=(heard.append for _ in range(1)))
    answers = [one.observe(value) for value in (A, B, A)]
    before = datetime.now(UTC) - timedelta(minutes=1)
    return [answers, [[event.value, event.collision, event.skew_ms, event.observed_at > before] for event in heard]]


def listeners():
    first, second = [], []
    one = monitor(listeners=[first.append])
    one.observe(A)
    one.add_listener(second.append)
    one.observe(B)
    return [len(first), len(second), second[0] is first[1]]


def kept(pause, **settings):
    """Whether a value seen before another one and a pause is known."""
    one = monitor(**settings)
    one.observe(A)
    time.sleep(pause)
    one.observe(B)
    return one.observe(A)


def many(count):
    """Whether the first of so many values is known afterwards, with the default limit."""
    one = monitor()
    for number in range(count):
        one.observe(uuid.UUID(int=number))
    return one.observe(uuid.UUID(int=0))


def skews():
    """Skew in the events, in whole minutes, of a monitor that looks at it and one that does not."""
    seen = []
    for settings in ({"check_skew": True}, {}):
        heard = []
        one = monitor(listeners=[heard.append], **settings)
        for value in (skewed(0), skewed(600_000), skewed(-600_000), A):
            one.observe(value)
        seen.append([None if event.skew_ms is None else round(event.skew_ms / 60_000) for event in heard])
    return seen


def detector(ahead_ms, **settings):
    """Whether a skew is reported."""
    return need("stageflow.helpers:ClockSkewDetector")(**settings).check(skewed(ahead_ms)) is not None


def other_versions():
    check = need("stageflow.helpers:ClockSkewDetector")(max_skew_ms=0).check
    return [check(value) for value in (A, uuid.uuid1(), uuid.uuid4(), uuid.uuid5(uuid.NAMESPACE_DNS, "x"))]


def generated():
    """Version and age of a new id where the package for version 7 is there."""
    need("uuid6")
    value = need("stageflow.helpers:generate_uuid7")()
    return [value.version, abs((value.int >> 80) / 1000 - time.time()) < 60]


FACTS = {
    "UuidCollisionMonitor category": (categories, ["tool", "tool", "default"]),
    "UuidCollisionMonitor events": (
        events,
        [[False, False, True], [[A, False, None, True], [B, False, None, True], [A, True, None, True]]],
    ),
    "UuidCollisionMonitor listeners": (listeners, [2, 1, True]),
    "UuidCollisionMonitor seconds": (lambda: kept(0.15, ttl_seconds=100.0), True),
    "UuidCollisionMonitor default seconds": (lambda: kept(0.32), True),
    "UuidCollisionMonitor window of two": (lambda: kept(0.0, max_entries=2), True),
    "UuidCollisionMonitor window of one": (lambda: kept(0.0, max_entries=1), False),
    "UuidCollisionMonitor default window": (lambda: many(600), True),
    "UuidCollisionMonitor skew": (skews, [[None, 10, 10, None], [None] * 4]),
    "ClockSkewDetector default, ahead": (lambda: [detector(60_000), detector(0)], [True, False]),
    "ClockSkewDetector default, behind": (lambda: [detector(-60_000), detector(-500)], [True, False]),
    "ClockSkewDetector own limit": (lambda: [detector(60_000, max_skew_ms=120_000), detector(90_000, max_skew_ms=30_000)], [False, True]),
    "ClockSkewDetector other versions": (other_versions, [None] * 4),
    "generate_uuid7": (generated, [7, True]),
}
CASES = tuple(Case(name, {"fact": name}, component=f"stageflow.helpers.{name.partition(' ')[0]}") for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
def scenario(params):
    if "skew" in params["fact"].lower():
        need("uuid6")
    judge(FACTS[params["fact"]][0](), params["fact"])


def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, "other", params["fact"]), "Violation", "verdict on another answer")
