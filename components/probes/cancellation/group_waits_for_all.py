"""A StructuredTaskGroup is left only when all of its tasks have ended, those that its tasks created included."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StructuredTaskGroup does not wait for tasks that its own tasks create",
    claim="The group is left when every task created in it has ended.",
    source="docstring:stageflow.pipeline.cancellation.StructuredTaskGroup",
    component="stageflow.pipeline.cancellation.StructuredTaskGroup.create_task",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Work of the group is still going on when the caller thinks it is done, and its errors never reach the caller.",
    recommendation="Loop in __aexit__ until no task of the group is pending.",
    workaround="Use asyncio.TaskGroup.",
    virtual_time=True,
    cause="stageflow.pipeline.cancellation:StructuredTaskGroup.__aexit__ #late-tasks",
)

CASES = (Case("created by the caller", {"nested": False}), Case("created by a task of the group", {"nested": True}))


async def in_group(group, nested, log):
    async def child():
        await asyncio.sleep(2)
        log.append("task done")

    async def parent():
        await asyncio.sleep(1)
        group.create_task(child())

    async with group:
        group.create_task(parent() if nested else child())
    log.append("group left")


async def scenario(params):
    log = []
    await in_group(need("stageflow.pipeline.cancellation:StructuredTaskGroup")(), params["nested"], log)
    await asyncio.sleep(60)
    expect_equal(log, ["task done", "group left"], "what happened, in order")


async def control(params):
    log = []
    await in_group(asyncio.TaskGroup(), params["nested"], log)
    expect_equal(log, ["task done", "group left"], "what happened, in order")
