"""The monitor's metrics do not call an idle monitor overloaded."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureMonitor calls an idle monitor overloaded in its metrics",
    claim="is_overloaded in get_metrics() is false for an idle monitor.",
    source="docstring:stageflow.pipeline.failure_tolerance.BackpressureMonitor.is_overloaded",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.get_metrics",
    subsystem="failure_tolerance",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Alarms on the metric fire while nothing runs.",
    recommendation="Report is_overloaded as the property has it.",
    virtual_time=True,
)

CASES = (Case("new monitor", {"samples": 0}), Case("after a sample", {"samples": 1}))


async def scenario(params):
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")()
    for _ in range(params["samples"]):
        await monitor.acquire()
        monitor.release(latency_ms=5)
    expect_equal(bool(monitor.get_metrics()["is_overloaded"]), False, "an idle monitor counts as overloaded")


async def control(params):
    samples = [5] * params["samples"]
    expect_equal(bool(samples and max(samples) > 5000), False, "an idle monitor counts as overloaded")
