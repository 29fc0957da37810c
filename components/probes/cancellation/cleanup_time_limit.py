"""run_all takes no longer than its timeout."""

import asyncio

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="Cleanups take longer than the timeout that was set for all of them",
    claim="timeout is the maximum time to wait for all cleanups together, in seconds.",
    source="docstring:stageflow.pipeline.cancellation.CleanupRegistry.run_all",
    component="stageflow.pipeline.cancellation.CleanupRegistry.run_all",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="A shutdown that promised to take a second takes several.",
    recommendation="Give each callback what is left of the total.",
    virtual_time=True,
)

CASES = (
    Case("1 cleanup that hangs", {"count": 1, "timeout": 5}),
    Case("10 cleanups that hang", {"count": 10, "timeout": 5}),
    Case("50 cleanups that hang", {"count": 50, "timeout": 5}),
)


async def hanging():
    await asyncio.sleep(3600)


def judge_span(seconds, timeout):
    expect(0.9 * timeout <= seconds <= 1.1 * timeout, f"{timeout} s in all", "less than 90 % or more than 110 % of it")


async def scenario(params):
    registry = need("stageflow.pipeline.cancellation:CleanupRegistry")()

    def one():
        async def release():
            await hanging()

        return release

    for _ in range(params["count"]):
        registry.register(one())
    loop = asyncio.get_running_loop()
    began = loop.time()
    await registry.run_all(timeout=params["timeout"])
    judge_span(loop.time() - began, params["timeout"])


async def control(params):
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.wait([asyncio.ensure_future(hanging()) for _ in range(params["count"])], timeout=params["timeout"])
    judge_span(loop.time() - began, params["timeout"])
