"""Clock skew of a UUIDv7 is the distance of its time from now, reported above the limit only."""

import time
import uuid

from components.lab.probe import Case, NotApplicable, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ClockSkewDetector reports a wrong skew, or none",
    claim="check() returns the skew in milliseconds when it is above max_skew_ms, in both directions, else None.",
    source="docstring:stageflow.helpers.uuid_utils.ClockSkewDetector.check",
    component="stageflow.helpers.ClockSkewDetector",
    subsystem="uuid_utils",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Hosts with a wrong clock go unnoticed.",
    recommendation="Take the top 48 bits as milliseconds and compare the absolute difference with the limit.",
)

CASES = tuple(
    Case(f"ahead={ahead},limit={limit}", {"ahead_ms": ahead, "limit_ms": limit})
    for ahead, limit in ((0, 60_000), (-3_600_000, 60_000), (3_600_000, 60_000), (-3_600_000, 7_200_000), (-86_400_000, 0))
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def version_7(ahead_ms):
    """A UUIDv7 made now plus so many milliseconds."""
    milliseconds = int(time.time() * 1000) + ahead_ms
    return uuid.UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62) | 12345)


def check(skew, params):
    far = abs(params["ahead_ms"])
    if far <= params["limit_ms"]:
        expect(skew is None, "no skew reported", "a skew")
    else:
        expect(
            skew is not None and abs(skew - far) < 60_000, f"a skew of {far} ms, within a minute", "none" if skew is None else "another one"
        )


@promised
def scenario(params):
    if not need("stageflow.helpers.uuid_utils:HAS_UUID7"):
        raise NotApplicable("uuid6 is not installed")
    detector = need("stageflow.helpers:ClockSkewDetector")(max_skew_ms=params["limit_ms"])
    check(detector.check(version_7(params["ahead_ms"])), params)


def control(params):
    skew = abs((version_7(params["ahead_ms"]).int >> 80) - time.time() * 1000)
    check(skew if skew > max(params["limit_ms"], 1_000) else None, params)
