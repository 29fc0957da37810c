"""After slow stages have passed, an idle monitor admits work again."""

import asyncio

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="BackpressureMonitor that sheds load after slow stages never admits a stage again",
    claim="Shedding ends when the overload is over: an idle monitor admits stages again after some time.",
    source="invariant:liveness",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.is_overloaded",
    subsystem="failure_tolerance",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=False,
    default_setup=False,
    impact="One slow minute takes the service down until it is restarted: without admissions no new latency is ever recorded.",
    recommendation="Let latency samples expire, or admit a trial stage while idle.",
    workaround="Leave shed_on_overload off, or replace the monitor after an overload.",
    virtual_time=True,
    cause="stageflow.pipeline.failure_tolerance:BackpressureMonitor.is_overloaded #old-latencies",
)

CASES = (Case("after fast stages", {"latency_ms": 10}), Case("after slow stages", {"latency_ms": 9000}))


async def scenario(params):
    config = need("stageflow.pipeline.failure_tolerance:BackpressureConfig")(shed_on_overload=True)
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")(config)
    for _ in range(3):
        if await monitor.acquire():
            monitor.release(latency_ms=params["latency_ms"])
    admitted = 0
    for _ in range(48):
        await asyncio.sleep(1800)
        if await monitor.acquire():
            admitted += 1
            monitor.release(latency_ms=10)
    expect(admitted > 0, "some stage to be admitted within a day of idling", "none is")


async def control(params):
    samples = [(0, params["latency_ms"])]
    admitted = 0
    for hour in range(1, 25):
        samples = [(when, value) for when, value in samples if hour - when < 1]
        admitted += not any(value > 5000 for _, value in samples)
    expect(admitted > 0, "some stage to be admitted within a day of idling", "none is")
