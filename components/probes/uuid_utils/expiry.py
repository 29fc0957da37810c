"""A value seen longer ago than the window is no collision, one seen within it is."""

import time
import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="UuidCollisionMonitor reports a collision with a value that is older than its window",
    claim="ttl_seconds is how long values are retained: observe() returns True only for a collision within that window.",
    source="docstring:stageflow.helpers.uuid_utils.UuidCollisionMonitor.observe",
    component="stageflow.helpers.UuidCollisionMonitor",
    subsystem="uuid_utils",
    category="observability",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A legitimate reuse after the window raises a collision alarm whenever there was little traffic in between.",
    recommendation="Call _trim(now) before looking the value up, not after.",
    cause="stageflow.helpers.uuid_utils:UuidCollisionMonitor.observe",
)

CASES = (
    Case("within", {"ttl": 60.0, "pause": 0.01, "collision": True}),
    Case("expired", {"ttl": 1.0, "pause": 1.05, "collision": False}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


@promised
def scenario(params):
    monitor = need("stageflow.helpers:UuidCollisionMonitor")(ttl_seconds=params["ttl"])
    value = uuid.UUID(int=1)
    monitor.observe(value)
    time.sleep(params["pause"])
    expect_equal(
        monitor.observe(value), params["collision"], f"collision {'after' if params['pause'] > params['ttl'] else 'within'} the window"
    )


def control(params):
    seen, now = 0.0, params["pause"]
    expect_equal(now - seen < params["ttl"], params["collision"], "within the window by a plain clock")
