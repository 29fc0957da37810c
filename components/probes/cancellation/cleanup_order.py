"""Cleanups run one after the other, last registered first; one that fails does not stop the others."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Cleanups do not all run in the reverse order of their registration",
    claim="Cleanup callbacks are executed in LIFO order, all of them, also when one of them fails.",
    source="docstring:stageflow.pipeline.cancellation.CleanupRegistry",
    component="stageflow.pipeline.cancellation.CleanupRegistry.run_all",
    subsystem="cancellation",
    category="correctness",
    type="bug",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="A connection is closed before the transaction on it is rolled back.",
    recommendation="Run the callbacks in reverse order and go on after a failure.",
    virtual_time=True,
)

CASES = (
    Case("3 cleanups", {"count": 3, "bad": -1, "through": "registry"}),
    Case("10 cleanups, one fails", {"count": 10, "bad": 4, "through": "registry"}),
    Case("3 cleanups of a run", {"count": 3, "bad": -1, "through": "graph"}),
    Case("3 cleanups of a task group", {"count": 3, "bad": 1, "through": "group"}),
)


def make_cleanups(params, log):
    def one(number):
        async def release():
            log.append(number)
            await asyncio.sleep(0.1 * number)
            if number == params["bad"]:
                raise OSError("cannot close")

        return release

    return [one(number) for number in range(params["count"])]


async def scenario(params):
    log = []
    cleanups = make_cleanups(params, log)
    module = "stageflow.pipeline.cancellation"
    if params["through"] == "graph":

        async def body(ctx):
            for number, release in enumerate(cleanups):
                built.register_cleanup(release, name=f"c{number}")
            return {}

        built = graph(pipeline(("work", body)))
        await ending(built.run(context()))
    elif params["through"] == "group":
        async with need(f"{module}:StructuredTaskGroup")() as group:
            for release in cleanups:
                group.cleanup_registry.register(release)
    else:
        registry = need(f"{module}:CleanupRegistry")()
        for release in cleanups:
            registry.register(release)
        await registry.run_all(timeout=60)
    expect_equal(log, list(reversed(range(params["count"]))), "cleanups in the order they ran")


async def control(params):
    log = []
    for release in reversed(make_cleanups(params, log)):
        await ending(release())
    expect_equal(log, list(reversed(range(params["count"]))), "cleanups in the order they ran")
