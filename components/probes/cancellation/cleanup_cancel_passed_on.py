"""A task that is cancelled while its cleanups run ends cancelled."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Cancelling a task while its cleanups run is swallowed: the task ends as if nothing had happened",
    claim="A cancellation that arrives during run_all() still cancels the task once the cleanups are through.",
    source="invariant:cancellation",
    component="stageflow.pipeline.cancellation.CleanupRegistry.run_all",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="During cleanup asyncio.timeout() and task.cancel() have no effect on the caller: it goes on as if it had not been called off.",
    recommendation="Remember the CancelledError, finish the cleanups and raise it again at the end of run_all.",
    workaround="Run run_all() as a task of its own and await asyncio.shield(task).",
    virtual_time=True,
    cause="stageflow.pipeline.cancellation:CleanupRegistry.run_all #cancelled",
)

CASES = (Case("one cleanup", {"count": 1}), Case("three cleanups", {"count": 3}))


async def ends_how(work):
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().call_later(1, task.cancel)
    return await ending(task)


async def scenario(params):
    registry = need("stageflow.pipeline.cancellation:CleanupRegistry")()

    def one():
        async def release():
            await asyncio.sleep(2)

        return release

    for _ in range(params["count"]):
        registry.register(one())
    expect_equal(await ends_how(registry.run_all(timeout=60)), "cancelled", "how the cancelled task ends")


async def control(params):
    async def cleanups():
        for _ in range(params["count"]):
            await asyncio.sleep(2)

    expect_equal(await ends_how(cleanups()), "cancelled", "how the cancelled task ends")
