"""Time-ordered ids are unique, increase, and carry the current time."""

import time
import uuid

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="generate_uuid7 gives ids that repeat, go backwards, or carry a wrong time",
    claim="With uuid6 installed generate_uuid7 gives UUIDv7: time-ordered and unique.",
    source="docstring:stageflow.helpers.uuid_utils.generate_uuid7",
    component="stageflow.helpers.generate_uuid7",
    subsystem="uuid_utils",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Log correlation and database keys built on the ids break.",
    recommendation="Return uuid6.uuid7() when it is available.",
)

CASES = tuple(Case(f"count={count}", {"count": count}) for count in (2, 2_000))


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def check(make, count):
    before = int(time.time() * 1000)
    ids = [make() for _ in range(count)]
    after = int(time.time() * 1000) + 1_000
    seen = {
        "version": sorted({value.version for value in ids}),
        "unique": len(set(ids)) == count,
        "increasing": ids == sorted(ids),
        "made now": all(before - 1_000 <= value.int >> 80 <= after + count for value in ids),
    }
    expect_equal(seen, {"version": [7], "unique": True, "increasing": True, "made now": True}, "properties of the ids")


@promised
def scenario(params):
    if not need("stageflow.helpers.uuid_utils:HAS_UUID7"):
        raise NotApplicable("uuid6 is not installed")
    check(need("stageflow.helpers:generate_uuid7"), params["count"])


def control(params):
    serial = iter(range(10**9))
    check(lambda: uuid.UUID(int=(int(time.time() * 1000) << 80) | (7 << 76) | (2 << 62) | next(serial)), params["count"])
