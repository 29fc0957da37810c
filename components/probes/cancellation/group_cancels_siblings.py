"""When a task of a StructuredTaskGroup fails, the others are cancelled."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StructuredTaskGroup does not cancel the other tasks when one fails",
    claim="If any task of the group fails, all others are cancelled and the cleanups are run.",
    source="docstring:stageflow.pipeline.cancellation.StructuredTaskGroup",
    component="stageflow.pipeline.cancellation.StructuredTaskGroup",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Side effects happen after the operation has already failed, and the error arrives only when the slowest task is through.",
    recommendation="Wait with FIRST_EXCEPTION instead of gather(return_exceptions=True).",
    workaround="Use asyncio.TaskGroup.",
    virtual_time=True,
    cause="stageflow.pipeline.cancellation:StructuredTaskGroup.__aexit__ #siblings",
)

CASES = (Case("one sibling", {"siblings": 1}), Case("five siblings", {"siblings": 5}))


async def in_group(group, params, effects):
    async def broken():
        await asyncio.sleep(1)
        raise ValueError("broken")

    async def sibling(number):
        await asyncio.sleep(10)
        effects.append(number)

    async with group:
        group.create_task(broken())
        for number in range(params["siblings"]):
            group.create_task(sibling(number))


async def scenario(params):
    effects = []
    await ending(in_group(need("stageflow.pipeline.cancellation:StructuredTaskGroup")(), params, effects))
    await asyncio.sleep(60)
    expect_equal(len(effects), 0, "tasks of the group that completed after one had failed")


async def control(params):
    effects = []
    await ending(in_group(asyncio.TaskGroup(), params, effects))
    await asyncio.sleep(60)
    expect_equal(len(effects), 0, "tasks of the group that completed after one had failed")
