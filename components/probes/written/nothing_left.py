"""When a run has ended, none of its tasks is left."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, Violation
from components.lab.written_kit import tasks_of_target, workload

PROBE = Probe(
    title="A run leaves tasks of the framework behind",
    claim="When run() has returned or raised, no task that the framework started for it is unfinished a minute later.",
    source="invariant:cancellation leaves nothing behind",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Work of a finished request goes on and piles up.",
    recommendation="Cancel and await every task before run() ends.",
    virtual_time=True,
)

PAIR = """
import asyncio
from stageflow import StageOutput

async def first(ctx):
    await asyncio.sleep(0.1)
    return StageOutput.ok(n=1)

async def second(ctx):
    return StageOutput.ok(n=2)

def stages():
    return [("first", first, []), ("second", second, ["first"])]
"""
CASES = (Case("pair", {"code": PAIR}),)


async def judge_left(running):
    """Let the run end, wait a minute of virtual time, and look."""
    await outcome(running)
    await asyncio.sleep(60)
    if left := tasks_of_target():
        raise Violation("no task of the framework", f"{len(left)}: {', '.join(left)}"[:300])


async def scenario(params):
    rows = workload(params["code"])["stages"]()
    await judge_left(graph(pipeline(*rows)).run(context()))


async def at_once():
    """A run with nothing to do."""


async def control(params):
    workload(params["code"])["stages"]()
    await judge_left(at_once())
