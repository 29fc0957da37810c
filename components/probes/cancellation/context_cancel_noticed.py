"""Cancelling the context ends the run at once, also while stages are running."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect

PROBE = Probe(
    title="Cancelling the context is not noticed while stages run, only when one of them has finished",
    claim="After PipelineContext.mark_canceled() the run ends soon, whatever its stages are waiting for.",
    source="docs/guides/context.md#cooperative-cancellation",
    component="stageflow.stages.context.PipelineContext.mark_canceled",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="A user's stop request has no effect until one of the running stages has finished.",
    recommendation="Let run() wait for a cancellation signal along with its tasks.",
    workaround="Call ctx.cancellation_checkpoint() often inside long stages.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #cancel-while-waiting",
)

CASES = (Case("one stage of 25 s", {"stages": 1}), Case("four stages of 25 s", {"stages": 4}))


async def scenario(params):
    async def slow(ctx):
        await asyncio.sleep(25)
        return {}

    loop = asyncio.get_running_loop()
    run = context()
    loop.call_later(1, run.mark_canceled)
    began = loop.time()
    await outcome(graph(pipeline(*[(f"s{n}", slow) for n in range(params["stages"])], ("after", slow, ["s0"])), []).run(run))
    expect(loop.time() - began < 11, "the run to end within 10 s of its cancellation", "it ends when a stage has finished")


async def control(params):
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.call_later(1, stop.set)
    began = loop.time()
    tasks = [asyncio.ensure_future(asyncio.sleep(25)) for _ in range(params["stages"])]
    await asyncio.wait([*tasks, asyncio.ensure_future(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    expect(loop.time() - began < 11, "the wait to end within 10 s of its cancellation", "it ends when a task has finished")
