"""When a run has ended because a stage failed or cancelled it, its other stages do not go on in the background."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Stages go on running after run() has raised because another stage returned StageOutput.fail()",
    claim="When run() has ended with an error or a cancellation, no stage of that run is still working.",
    source="invariant:cancellation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A request that was answered with an error still charges, sends or writes afterwards.",
    recommendation="Cancel and await the active tasks in the FAIL branch of run() too, as the exception and CANCEL branches do.",
    workaround="Raise an exception instead of returning StageOutput.fail().",
    virtual_time=True,
)

CASES = (
    Case("stage raises", {"end": "raise"}, title="Stages go on running after run() has raised because another stage raised"),
    Case("stage returns fail", {"end": "fail"}),
    Case("stage returns cancel", {"end": "cancel"}, title="Stages go on running after a stage has cancelled the run"),
)


def stages_of_end(end, effects):
    async def ends(ctx):
        await asyncio.sleep(1)
        if end == "raise":
            raise ValueError("broken")
        return getattr(need("stageflow:StageOutput"), end)()

    async def sibling(ctx):
        await asyncio.sleep(5)
        effects.append("sibling's side effect")
        return {}

    return ("ends", ends), ("sibling", sibling)


async def scenario(params):
    effects = []
    await outcome(graph(pipeline(*stages_of_end(params["end"], effects))).run(context()))
    await asyncio.sleep(20)
    expect_equal(effects, [], "what other stages did after the run had ended")


async def control(params):
    effects = []

    async def ends():
        await asyncio.sleep(1)
        raise ValueError("broken")

    async def sibling():
        await asyncio.sleep(5)
        effects.append("sibling's side effect")

    async def group_run():
        async with asyncio.TaskGroup() as group:
            group.create_task(ends())
            group.create_task(sibling())

    try:
        await group_run()
    except* ValueError:
        await asyncio.sleep(20)
    expect_equal(effects, [], "what other tasks did after the group had ended")
