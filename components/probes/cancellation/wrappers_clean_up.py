"""run_with_cleanup and cleanup_on_cancel run the cleanup exactly once and keep the result or the error."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A cleanup wrapper does not run the cleanup exactly once, or changes how the work ends",
    claim="The cleanup runs once after success, failure and cancellation, and the work ends as it would without the wrapper.",
    source="docstring:stageflow.pipeline.cancellation.run_with_cleanup",
    component="stageflow.pipeline.cancellation.run_with_cleanup",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Resources leak, or errors are hidden behind the cleanup.",
    recommendation="Run the cleanup in a finally block.",
    virtual_time=True,
)

NAMES = ("run_with_cleanup", "cleanup_on_cancel")
ENDS = ("returned", "ValueError", "cancelled")
CASES = tuple(
    Case(f"{name}, {end}", {"name": name, "end": end}, component=f"stageflow.pipeline.cancellation.{name}")
    for name in NAMES
    for end in ENDS
)


async def judge_wrapper(wrap, end):
    calls = []

    async def work():
        await asyncio.sleep(1)
        if end == "ValueError":
            raise ValueError("broken")
        if end == "cancelled":
            await asyncio.sleep(3600)

    async def cleanup():
        await asyncio.sleep(1)
        calls.append("cleanup")

    task = asyncio.ensure_future(wrap(work, cleanup))
    if end == "cancelled":
        asyncio.get_running_loop().call_later(2, task.cancel)
    how = await ending(task)
    expect_equal([how, calls], [end, ["cleanup"]], "[how the work ended, cleanups run]")


async def scenario(params):
    tool = need(f"stageflow.pipeline.cancellation:{params['name']}")

    async def wrap(work, cleanup):
        if params["name"] == "run_with_cleanup":
            return await tool(work(), cleanup)
        async with tool(cleanup, name="c"):
            return await work()

    await judge_wrapper(wrap, params["end"])


async def control(params):
    async def wrap(work, cleanup):
        try:
            return await work()
        finally:
            await cleanup()

    await judge_wrapper(wrap, params["end"])
