"""The monitor's P95 is a high value of the recent samples, in the unit they were given in."""

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="BackpressureMonitor's P95 is not near the 95th percentile of the recent latencies",
    claim="p95_latency_ms lies between the 90th and the 100th percentile of the last 1,000 samples.",
    source="docstring:stageflow.pipeline.failure_tolerance.BackpressureMonitor.get_metrics",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.get_metrics",
    subsystem="failure_tolerance",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Load is shed too early or too late.",
    recommendation="Take the value at 95 % of the sorted samples.",
    virtual_time=True,
)

CASES = (
    Case("1 sample", {"first": 0, "count": 1}),
    Case("20 samples", {"first": 0, "count": 20}),
    Case("1000 samples", {"first": 0, "count": 1000}),
    Case("old slow samples are forgotten", {"first": 1500, "count": 1000}),
)


def judge_p95(value, latest):
    ordered = sorted(latest)
    expect(ordered[int(len(ordered) * 0.9)] <= value <= ordered[-1], "a value between the 90th and the 100th percentile", "one outside")


async def scenario(params):
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")()
    latest = [float((n * 7919) % params["count"] + 1) for n in range(params["count"])]
    for latency in [*([99_999.0] * params["first"]), *latest]:
        await monitor.acquire()
        monitor.release(latency_ms=latency)
    judge_p95(monitor.get_metrics()["p95_latency_ms"], latest)


async def control(params):
    latest = [float((n * 7919) % params["count"] + 1) for n in range(params["count"])]
    kept = [*([99_999.0] * params["first"]), *latest][-1000:]
    judge_p95(sorted(kept)[min(int(len(kept) * 0.95), len(kept) - 1)], latest)
