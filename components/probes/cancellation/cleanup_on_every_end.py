"""Cleanup callbacks run exactly once, however the run ends."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Cleanup callbacks do not run exactly once for some way a run ends",
    claim="Registered cleanups run once after success, failure, cancellation and when the run's task is cancelled.",
    source="docstring:stageflow.pipeline.dag.UnifiedStageGraph.run",
    component="stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Connections and locks stay taken after some requests.",
    recommendation="Run the registry in run()'s finally block.",
    virtual_time=True,
)

CASES = tuple(Case(end, {"end": end}) for end in ("ok", "skip", "fail", "raise", "cancel", "context cancelled", "task cancelled"))


async def finish(end, run, make):
    if end == "raise":
        raise ValueError("broken")
    if end == "context cancelled":
        run.mark_canceled()
    if end == "task cancelled":
        await asyncio.sleep(20)
    return make(end)


async def scenario(params):
    calls = []
    end = params["end"]
    run = context()

    async def release():
        calls.append("released")

    async def body(ctx):
        built.register_cleanup(release, name="release")
        await asyncio.sleep(1)
        return await finish(end, run, lambda how: getattr(need("stageflow:StageOutput"), how if " " not in how else "ok")())

    async def after(ctx):
        return {}

    built = graph(pipeline(("work", body), ("after", after, ["work"])))
    task = asyncio.ensure_future(built.run(run))
    if end == "task cancelled":
        asyncio.get_running_loop().call_later(5, task.cancel)
    await ending(task)
    expect_equal(calls, ["released"], "cleanups run")


async def control(params):
    calls = []

    async def work():
        try:
            await asyncio.sleep(1)
            if params["end"] in ("raise", "fail"):
                raise ValueError("broken")
            await asyncio.sleep(20)
        finally:
            calls.append("released")

    task = asyncio.ensure_future(work())
    if "cancel" in params["end"]:
        asyncio.get_running_loop().call_later(5, task.cancel)
    await ending(task)
    expect_equal(calls, ["released"], "cleanups run")
