"""When a run has ended, however it ended, none of its stages goes on in the background."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Stages of a run go on working in the background after run() has ended",
    claim="When run() has ended with an error, a cancellation or its caller's time-out, no stage of that run is still working.",
    source="docstring:stageflow.pipeline.dag.UnifiedStageGraph.run",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A request that was answered with an error, or given up, still charges, sends or writes after its cleanups have run.",
    recommendation="Cancel and await active_tasks in run()'s finally block; now only an exception and a CANCEL output of a stage do that.",
    workaround="Raise an exception instead of returning StageOutput.fail(); call a run off with PipelineContext.mark_canceled().",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #siblings",
)

CASES = (
    Case("stage raises", {"end": "raise"}),
    Case("stage returns fail", {"end": "fail"}),
    Case("stage returns cancel", {"end": "cancel"}),
    Case("asyncio.wait_for", {"end": "wait_for"}),
    Case("task.cancel", {"end": "task.cancel"}),
)


async def to_its_end(end, work):
    """Await a run that ends by itself, or give it up as its caller."""
    if end not in ("wait_for", "task.cancel"):
        await outcome(work)
        return
    task = asyncio.ensure_future(work)
    if end == "wait_for":
        await outcome(asyncio.wait_for(task, 2))
        return
    await asyncio.sleep(2)
    task.cancel()
    await asyncio.wait([task])


def bodies(end, effects):
    async def first():
        await asyncio.sleep(1)
        if end == "raise":
            raise ValueError("broken")
        return getattr(need("stageflow:StageOutput"), end)() if end in ("fail", "cancel") else {}

    async def sibling():
        await asyncio.sleep(5)
        effects.append("sibling's side effect")
        return {}

    return first, sibling


async def scenario(params):
    effects = []
    first, sibling = bodies(params["end"], effects)
    rows = ("ends", lambda ctx: first()), ("sibling", lambda ctx: sibling())
    await to_its_end(params["end"], graph(pipeline(*rows)).run(context()))
    await asyncio.sleep(20)
    expect_equal(effects, [], "what other stages did after the run had ended")


async def control(params):
    effects = []
    end = "raise" if params["end"] in ("fail", "cancel") else params["end"]
    first, sibling = bodies(end, effects)

    async def group_run():
        async with asyncio.TaskGroup() as group:
            group.create_task(first())
            group.create_task(sibling())

    await to_its_end(end, group_run())
    await asyncio.sleep(20)
    expect_equal(effects, [], "what other tasks did after the group had ended")
