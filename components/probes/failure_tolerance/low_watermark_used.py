"""Once overloaded, a monitor sheds load until its utilisation has fallen to the low watermark."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureConfig.low_watermark has no effect",
    claim="After reaching high_watermark the monitor admits stages again only at low_watermark.",
    source="invariant:a setting has an effect",
    component="stageflow.pipeline.failure_tolerance.BackpressureConfig.low_watermark",
    subsystem="failure_tolerance",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="The monitor flaps at the high watermark instead of letting the service recover.",
    recommendation="Keep a paused state that is entered at high_watermark and left at low_watermark.",
    virtual_time=True,
    cause="stageflow.pipeline.failure_tolerance:BackpressureMonitor.is_overloaded #low-watermark",
)

CASES = (
    Case("below high, above low", {"releases": 3, "admitted": False}),
    Case("below low", {"releases": 7, "admitted": True}),
)


async def scenario(params):
    make = need("stageflow.pipeline.failure_tolerance:BackpressureConfig")
    config = make(max_active_stages=10, high_watermark=0.8, low_watermark=0.3, shed_on_overload=True)
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")(config)
    for _ in range(8):
        await monitor.acquire()
    await monitor.acquire()  # at the high watermark: shed
    for _ in range(params["releases"]):
        monitor.release()
    expect_equal(
        await monitor.acquire(), params["admitted"], f"admission with {8 - params['releases']} of 10 slots in use after an overload"
    )


async def control(params):
    active = 8 - params["releases"]
    expect_equal(active / 10 <= 0.3, params["admitted"], f"admission with {active} of 10 slots in use after an overload")
