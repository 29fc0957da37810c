"""An idle monitor does not shed load: the stage that asks does not count as queued before it."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureMonitor with queue_size_limit=1 refuses every stage, also when nothing runs",
    claim="Load is shed only when the monitor is overloaded: an idle one grants a slot whatever the queue limit.",
    source="docstring:stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    component="stageflow.pipeline.failure_tolerance.BackpressureConfig.queue_size_limit",
    subsystem="failure_tolerance",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=False,
    default_setup=False,
    impact="A queue limit of N admits N-1 waiting stages; with 1 the service does nothing at all.",
    recommendation="Check for overload before counting the asking stage as queued.",
    workaround="Set queue_size_limit one higher.",
    virtual_time=True,
    cause="stageflow.pipeline.failure_tolerance:BackpressureMonitor.acquire",
)

CASES = (Case("limit 1", {"limit": 1}), Case("limit 2", {"limit": 2}), Case("limit 100", {"limit": 100}))


async def scenario(params):
    config = need("stageflow.pipeline.failure_tolerance:BackpressureConfig")(shed_on_overload=True, queue_size_limit=params["limit"])
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")(config)
    expect_equal(await monitor.acquire(), True, "permission of the first stage on an idle monitor")


async def control(params):
    queued = 0
    expect_equal(queued < params["limit"], True, "permission of the first stage on an idle monitor")
