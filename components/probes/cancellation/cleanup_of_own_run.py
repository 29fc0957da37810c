"""A cleanup callback is run at the end of the run that registered it, also when other runs of the graph are under way."""

import asyncio

from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Cleanup callbacks of concurrent runs of one graph are dropped, or run by another run",
    claim="A cleanup callback registered during a run runs exactly once, when that run ends.",
    source="docstring:stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup",
    component="stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Under load connections and locks are never released, or are closed under another request that still uses them.",
    recommendation="Keep the cleanup registry in run(), reachable through the run's context, not on the graph object.",
    workaround="Build a graph for every run.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #state-on-graph",
)

CASES = (
    Case("another run ends first", {"other": 1, "register_at": 2, "end": 4}),
    Case("another run ends meanwhile", {"other": 2.5, "register_at": 1, "end": 4}),
    Case("another run starts later", {"other": -1, "register_at": 1, "end": 3}),
    Case("no other run", {"other": 0, "register_at": 1, "end": 3}),
)


async def run_beside(params, build):
    """Ends of A's run and of A's cleanup, in order. `build(body)` gives an object with run(who) and register_cleanup."""
    log = []
    register = []

    async def release():
        log.append("cleanup of A")

    async def body(who):
        if who == "A":
            await asyncio.sleep(params["register_at"])
            register[0](release)
            await asyncio.sleep(params["end"] - params["register_at"])
            log.append("work of A done")
        else:
            await asyncio.sleep(abs(params["other"]) or 0.1)
        return {}

    start, registrar = build(body)
    register.append(registrar)
    runs = [asyncio.ensure_future(start("A"))]
    if params["other"] > 0:
        runs.append(asyncio.ensure_future(start("B")))
    elif params["other"] < 0:
        await asyncio.sleep(1.5)
        runs.append(asyncio.ensure_future(start("B")))
    await asyncio.gather(*runs)
    return log


async def scenario(params):
    def build(body):
        built = graph(pipeline(("work", lambda ctx: body(ctx.snapshot.input_text))))
        return (lambda who: built.run(context(input_text=who))), built.register_cleanup

    expect_equal(await run_beside(params, build), ["work of A done", "cleanup of A"], "what happened in run A, in order")


async def control(params):
    def build(body):
        callbacks = []

        async def start(who):
            await body(who)
            if who == "A":
                for callback in callbacks:
                    await callback()

        return start, callbacks.append

    expect_equal(await run_beside(params, build), ["work of A done", "cleanup of A"], "what happened in run A, in order")
