"""With shedding on, stages are refused exactly from the high watermark on, and refusals are counted."""

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
    granted = [await monitor.acquire() for _ in range(params["slots"] + 3)]
    shed = monitor.get_metrics()["shed_count"]
    expect_equal(
        [sum(granted), granted.index(False), shed],
        [params["admitted"]] * 2 + [params["slots"] + 3 - params["admitted"]],
        "[admitted, first refused, shed]",
    )


async def control(params):
    active, granted = 0, []
    for _ in range(params["slots"] + 3):
        granted.append(active / params["slots"] < params["high"])
        active += granted[-1]
    shed = granted.count(False)
    expect_equal(
        [sum(granted), granted.index(False), shed],
        [params["admitted"]] * 2 + [params["slots"] + 3 - params["admitted"]],
        "[admitted, first refused, shed]",
    )
