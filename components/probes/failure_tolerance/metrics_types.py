"""The monitor's metrics have the types they are declared with."""

import json

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureMonitor.is_overloaded is a list, not a bool, as long as no latency was recorded",
    claim="is_overloaded, in the property and in get_metrics(), is True or False.",
    source="docstring:stageflow.pipeline.failure_tolerance.BackpressureMonitor.is_overloaded",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.get_metrics",
    subsystem="failure_tolerance",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Metric exporters that expect a number or a bool drop or reject the value [].",
    recommendation="Wrap the expression in bool().",
    workaround="Use bool(metrics['is_overloaded']).",
    virtual_time=True,
)

CASES = (Case("new monitor", {"samples": 0}), Case("after a sample", {"samples": 1}))


async def scenario(params):
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")()
    for _ in range(params["samples"]):
        await monitor.acquire()
        monitor.release(latency_ms=5)
    expect_equal(json.dumps(monitor.get_metrics()["is_overloaded"]), "false", "is_overloaded of an idle monitor as JSON")


async def control(params):
    samples = [5] * params["samples"]
    expect_equal(json.dumps(bool(samples and max(samples) > 5000)), "false", "is_overloaded of an idle monitor as JSON")
