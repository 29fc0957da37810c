"""A monitor is overloaded exactly when a limit of its configuration is reached, and its metrics say how things stand."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureMonitor reports an overload, or a load, that is not there, or misses one that is",
    claim="Overload means utilisation at the high watermark, a full queue or a P95 latency over the threshold; metrics tell the state.",
    source="docstring:stageflow.pipeline.failure_tolerance.BackpressureMonitor",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor",
    subsystem="failure_tolerance",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Work is turned away while there is room, or taken on until the service breaks down.",
    recommendation="Compare each figure with its own limit of the configuration.",
    virtual_time=True,
)

OWNER = "stageflow.pipeline.failure_tolerance.BackpressureMonitor"
IDLE = {"active": 0, "waiting": 0, "latencies": []}
STATES = (
    ("idle", {}, False),
    ("below the watermark", {"active": 7}, False),
    ("at the watermark", {"active": 8}, True),
    ("full", {"active": 10}, True),
    ("watermark 0.5, below", {"active": 4, "high_watermark": 0.5}, False),
    ("watermark 0.5, at", {"active": 5, "high_watermark": 0.5}, True),
    ("queue not full", {"active": 10, "waiting": 2, "high_watermark": 1.5, "queue_size_limit": 3}, False),
    ("queue full", {"active": 10, "waiting": 3, "high_watermark": 1.5, "queue_size_limit": 3}, True),
    ("fast", {"latencies": [5000] * 5}, False),
    ("slow", {"latencies": [5001] * 5}, True),
    ("threshold 100, fast", {"latencies": [100, 100], "latency_threshold_ms": 100}, False),
    ("threshold 100, slow", {"latencies": [101, 101], "latency_threshold_ms": 100}, True),
    ("1 slow of 100", {"latencies": [*([10] * 99), 90_000]}, False),
    ("10 slow of 100", {"latencies": [*([10] * 90), *([90_000] * 10)]}, True),
    ("1 slow of 4", {"latencies": [10, 90_000, 10, 10]}, True),
    ("slow and busy", {"active": 9, "latencies": [9000]}, True),
)
CASES = tuple(Case(name, {"state": IDLE | state, "overloaded": over}, component=f"{OWNER}.is_overloaded") for name, state, over in STATES)


def metrics_of(state, overloaded, p95):
    load = state["active"] / 10
    return {
        "active_count": state["active"],
        "queued_count": state["waiting"],
        "utilization": load,
        "shed_count": 0,
        "is_overloaded": overloaded,
        "p95_latency_ms": p95,
    }


def right_p95(value, latencies):
    """Whether the value is between the 94th and the 96th percentile."""
    ordered = sorted(latencies) or [0.0]
    last = len(ordered) - 1
    return ordered[min(int(len(ordered) * 0.94), last)] <= value <= ordered[min(int(len(ordered) * 0.96), last)]


async def scenario(params):
    state = params["state"]
    given = {name: value for name, value in state.items() if name not in IDLE}
    config = need("stageflow.pipeline.failure_tolerance:BackpressureConfig")(max_active_stages=10, **given)
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")(config)
    for latency in state["latencies"]:
        await monitor.acquire()
        monitor.release(latency_ms=latency)
    for _ in range(state["active"]):
        await monitor.acquire()
    waiters = [asyncio.ensure_future(monitor.acquire()) for _ in range(state["waiting"])]
    await asyncio.sleep(1)
    told = dict(monitor.get_metrics())
    p95 = right_p95(told.get("p95_latency_ms", -1), state["latencies"])
    overloaded = bool(told.get("is_overloaded", "missing"))
    both = overloaded if overloaded == bool(monitor.is_overloaded) else "two answers"
    for waiter in waiters:
        waiter.cancel()
    wanted = metrics_of(state, params["overloaded"], True)
    seen = {name: told.get(name, "missing") for name in wanted} | {"p95_latency_ms": p95, "is_overloaded": both}
    expect_equal(seen, wanted, "metrics, the P95 as right or wrong")


async def control(params):
    state = params["state"]
    ordered = sorted(state["latencies"]) or [0.0]
    p95 = ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
    busy = state["active"] / 10 >= state.get("high_watermark", 0.8) or state["waiting"] >= state.get("queue_size_limit", 100)
    seen = metrics_of(state, busy or p95 > state.get("latency_threshold_ms", 5000), right_p95(p95, state["latencies"]))
    expect_equal(seen, metrics_of(state, params["overloaded"], True), "metrics, the P95 as right or wrong")
