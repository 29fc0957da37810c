"""A stage in which something was cancelled fails the run like any other exception; the caller's task is not cancelled."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="A stage in which an awaited task was cancelled makes run() raise CancelledError although nobody cancelled the run",
    claim="run() ends with CancelledError only when its own task was cancelled; a stage that ends with one is a failed or cancelled stage.",
    source="invariant:cancellation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Handlers for Exception are passed over, no stage is named, and the worker task of the caller ends as if it had been cancelled.",
    recommendation="Check task.cancelled() before task.exception() in run() and raise UnifiedStageExecutionError for that stage.",
    workaround="Catch asyncio.CancelledError around that task inside the stage and raise another exception.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #cancelled-task",
)

CASES = (Case("a task of the stage was cancelled", {"delay": 1}),)


async def cancelled_work(delay):
    helper = asyncio.ensure_future(asyncio.sleep(60))
    asyncio.get_running_loop().call_later(delay, helper.cancel)
    await helper


async def scenario(params):
    async def body(ctx):
        await cancelled_work(params["delay"])
        return {}

    how = await ending(graph(pipeline(("lookup", body))).run(context()))
    expect_equal(how == "cancelled", False, "the run's task, which nobody cancelled, counts as cancelled")


async def control(params):
    async def guarded():
        task = asyncio.ensure_future(cancelled_work(params["delay"]))
        await asyncio.wait([task])
        if task.cancelled():
            raise RuntimeError("stage was cancelled")

    expect_equal(await ending(guarded()) == "cancelled", False, "a runner's task, which nobody cancelled, counts as cancelled")
