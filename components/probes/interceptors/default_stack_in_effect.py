"""Every interceptor of the default stack is asked about every stage of a graph that is built with the defaults."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, NotApplicable, Probe, expect, need

PROBE = Probe(
    title="A graph runs its stages without an interceptor of the default stack",
    claim="Interceptors wrap the execution of every stage; the default ones are active unless a graph is given others.",
    source="docs/guides/interceptors.md#default-interceptors",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="interceptors",
    category="reliability",
    type="silent_failure",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="A stage that hangs holds its request for ever; breaker, metrics and stage logs are missing, although all are documented as on.",
    recommendation="Run every stage of the graph through run_with_interceptors() with get_default_interceptors().",
    workaround="Wrap slow calls in asyncio.wait_for() inside the stage.",
    virtual_time=True,
)

HOUR = 3600.0


def cases():
    names = [interceptor.name for interceptor in need("stageflow:get_default_interceptors")()]
    first = [name for name in ("timeout",) if name in names]
    titles = {"timeout": "No stage time-out is enforced: a graph runs its stages without the default interceptors"}
    ordered = [*first, *(name for name in names if name not in first)]
    return tuple(Case(name, {"interceptor": name}, title=titles.get(name, "")) for name in ordered)


def listen(name, asked):
    """Have the class of a default interceptor note each stage that it is asked about; returns how to stop."""
    kinds = {item.name: type(item) for item in need("stageflow:get_default_interceptors")()}
    if name not in kinds:
        raise NotApplicable(f"there is no {name} interceptor in the default stack")
    kind, before = kinds[name], kinds[name].before

    async def noted(self, stage_name, ctx):
        asked.append(stage_name)
        return await before(self, stage_name, ctx)

    kind.before = noted
    return lambda: setattr(kind, "before", before)


def verdict(name, asked, ended):
    """All stages were announced to the interceptor; with how the slow one ended for a reader of the time-out's case."""
    slow = ", and a stage of one hour completed" if name == "timeout" and ended else ""
    seen = ", ".join(sorted(set(asked))) or "no stage"
    expect(sorted(set(asked)) == ["first", "second"], f"{name} interceptor asked before first, second", f"asked before {seen}{slow}")


async def scenario(params):
    ended, asked = [], []

    async def quick(ctx):
        return {}

    async def slow(ctx):
        await asyncio.sleep(HOUR)
        ended.append("slow")
        return {}

    stop = listen(params["interceptor"], asked)
    try:
        await outcome(graph(pipeline(("first", quick), ("second", slow, ["first"]))).run(context()))
    finally:
        stop()
    verdict(params["interceptor"], asked, ended)


async def control(params):
    asked = []
    for stage in ("first", "second"):
        asked.append(stage)
        await asyncio.sleep(0)
    verdict(params["interceptor"], asked, [])
