"""A cleanup that is registered while cleanups run is not lost."""

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="A cleanup registered while the cleanups run is dropped without running",
    claim="Every registered cleanup either runs or is still pending.",
    source="invariant:conservation",
    component="stageflow.pipeline.cancellation.CleanupRegistry.run_all",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="What a cleanup opens for its own work, such as a connection for a compensating call, is never closed.",
    recommendation="Pop callbacks one by one until none is left instead of clearing the list at the end.",
    workaround="Register everything before the run ends.",
    virtual_time=True,
    cause="stageflow.pipeline.cancellation:CleanupRegistry.run_all #late",
)

CASES = (Case("registered by a cleanup", {"name": "late"}),)


async def scenario(params):
    registry = need("stageflow.pipeline.cancellation:CleanupRegistry")()
    ran = []

    async def close():
        ran.append("close")

    async def compensate():
        registry.register(close, name=params["name"])

    registry.register(compensate)
    await registry.run_all()
    expect(ran == ["close"] or registry.pending_count == 1, "the late cleanup to have run or to be pending", "neither")


async def control(params):
    callbacks, ran = [], []
    callbacks.append(lambda: callbacks.append(lambda: ran.append("close")))
    while callbacks:
        callbacks.pop()()
    expect(ran == ["close"], "the late cleanup to have run or to be pending", "neither")
