"""The failure of one run does not end another run of the same graph."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A run that fails or cancels itself also cancels healthy concurrent runs of the same graph",
    claim="Runs of one graph are independent: a run that fails or cancels itself does not end another one.",
    source="invariant:isolation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="While the stages of one tenant's failed request shut down, other tenants' requests end as cancelled.",
    recommendation="Keep the cancellation token in run(), not on the graph object.",
    workaround="Build a graph for every run.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #state-on-graph",
)

CASES = (Case("the other run raises", {"end": "raise"}), Case("the other run cancels itself", {"end": "cancel"}))


def runner(end, finish):
    async def work(who):
        await asyncio.sleep(1 if who == "A" else 1.5)
        if who == "A" and end == "raise":
            raise ValueError("A is broken")
        return await finish(who)

    async def connection(who):
        try:
            await asyncio.sleep(8 if who == "A" else 0)
        except asyncio.CancelledError:
            await asyncio.sleep(3)  # closing takes its time
            raise
        return {}

    return work, connection


async def scenario(params):
    async def finish(who):
        output = need("stageflow:StageOutput")
        return output.cancel(reason="A has enough") if who == "A" else output.ok()

    work, connection = runner(params["end"], finish)

    async def last(ctx):
        await asyncio.sleep(2)
        return {}

    rows = (
        ("work", lambda ctx: work(ctx.snapshot.input_text)),
        ("connection", lambda ctx: connection(ctx.snapshot.input_text)),
        ("last", last, ["work"]),
    )
    built = graph(pipeline(*rows), [])
    first = asyncio.ensure_future(ending(built.run(context(input_text="A"))))
    await asyncio.sleep(0.2)
    expect_equal(await ending(built.run(context(input_text="B"))), "returned", "how the healthy run ends while another one fails")
    await first


async def control(params):
    async def finish(who):
        if who == "A":
            raise InterruptedError("A has enough")
        return {}

    async def one(who):
        work, connection = runner(params["end"], finish)
        async with asyncio.TaskGroup() as group:
            group.create_task(work(who))
            group.create_task(connection(who))
        await asyncio.sleep(2)

    first = asyncio.ensure_future(ending(one("A")))
    await asyncio.sleep(0.2)
    expect_equal(await ending(one("B")), "returned", "how the healthy run ends while another one fails")
    await first
