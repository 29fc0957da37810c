"""With shedding on, stages are refused exactly from the high watermark on, and refusals are counted."""

import asyncio

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureMonitor does not shed load from the high watermark on",
    claim="With shed_on_overload, stages are admitted below high_watermark and refused from it on; each refusal is counted.",
    source="docstring:stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    subsystem="failure_tolerance",
    category="reliability",
    type="reliability",
    consequence="crash",
    silent=True,
    default_setup=False,
    impact="An overloaded service takes on still more work, or refuses too early.",
    recommendation="Compare utilisation with high_watermark before granting.",
    virtual_time=True,
)

CASES = (
    Case("0.8 of 10", {"slots": 10, "high": 0.8, "admitted": 8}),
    Case("0.5 of 4", {"slots": 4, "high": 0.5, "admitted": 2}),
    Case("1.0 of 5", {"slots": 5, "high": 1.0, "admitted": 5}),
)


async def scenario(params):
    make = need("stageflow.pipeline.failure_tolerance:BackpressureConfig")
    config = make(max_active_stages=params["slots"], high_watermark=params["high"], shed_on_overload=True)
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")(config)
    granted = [await asyncio.wait_for(monitor.acquire(), 5) for _ in range(params["admitted"])]
    refused = [await outcome(asyncio.wait_for(monitor.acquire(), 5)) for _ in range(3)]
    seen = [all(granted), [answer for answer, _ in refused], monitor.get_metrics()["shed_count"]]
    expect_equal(seen, [True, [False] * 3, 3], "[admitted below, answers from the watermark on, shed]")


async def control(params):
    active, answers = 0, []
    for _ in range(params["admitted"] + 3):
        answers.append(active / params["slots"] < params["high"])
        active += answers[-1]
    seen = [all(answers[: params["admitted"]]), answers[params["admitted"] :], answers.count(False)]
    expect_equal(seen, [True, [False] * 3, 3], "[admitted below, answers from the watermark on, shed]")
