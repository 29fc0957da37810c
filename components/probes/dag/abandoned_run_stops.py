"""When the caller gives up on a run, by a time-out or by cancelling its task, the run's stages stop."""

import asyncio

from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Cancelling run() (for example asyncio.wait_for around it) leaves its stages running in the background",
    claim="A run whose task is cancelled or timed out stops its stages: none of them works on afterwards.",
    source="docs/index.md#key-features",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="After a client's time-out or disconnect the stages go on, with their side effects, while cleanup has already run.",
    recommendation="Cancel and await active_tasks in run()'s finally block before the cleanup callbacks.",
    workaround="Cancel cooperatively with PipelineContext.mark_canceled() and wait for run() to return.",
    virtual_time=True,
)

CASES = (Case("asyncio.wait_for", {"how": "wait_for"}), Case("task.cancel", {"how": "cancel"}))


async def give_up(how, work):
    task = asyncio.ensure_future(work)
    if how == "wait_for":
        try:
            await asyncio.wait_for(task, 2)
        except TimeoutError:
            return
    await asyncio.sleep(2)
    task.cancel()
    await asyncio.wait([task])


async def scenario(params):
    effects = []

    async def first(ctx):
        await asyncio.sleep(5)
        effects.append("stage's side effect")
        return {}

    await give_up(params["how"], graph(pipeline(("first", first))).run(context()))
    await asyncio.sleep(20)
    expect_equal(effects, [], "what stages did after the run had been given up")


async def control(params):
    effects = []

    async def first():
        await asyncio.sleep(5)
        effects.append("side effect")

    async def group_run():
        async with asyncio.TaskGroup() as group:
            group.create_task(first())

    await give_up(params["how"], group_run())
    await asyncio.sleep(20)
    expect_equal(effects, [], "what tasks did after the group had been given up")
