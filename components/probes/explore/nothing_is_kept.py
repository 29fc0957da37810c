"""Whatever happens in a run, nothing of its outputs is kept once its caller has dropped them."""

import asyncio
import gc
import weakref

from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe, expect

PROBE = Probe(
    title="Outputs of finished runs stay in memory",
    claim="Whatever the graph and however the run ends, its outputs can be collected once the caller has dropped results and context.",
    source="invariant:no leak",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="A long-lived service grows with every request until it is killed.",
    recommendation="Keep no reference to a run's outputs after it has ended.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict"), endings=("raise", "fail", "cancel"), cleanups=1, guards=2, children=1, defaults=True, most=5)
CASES = (
    Case("one stage", {"stages": [{"name": "a", "does": [["ok", 3]]}]}),
    Case(
        "failure behind it",
        {"stages": [{"name": "a", "does": [["ok", 3]]}, {"name": "b", "after": ["a"], "does": [["fail", 2, "no good"]]}]},
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


class Token:
    """Something that can be watched by a weak reference."""


async def judge_kept(play, params):
    gc.freeze()  # so that only what is made from here on is looked through
    try:
        token = Token()
        watched = weakref.ref(token)
        course = await play(params, token=token)
        del token, course
        await asyncio.sleep(1)
        gc.collect()
        expect(watched() is None, "outputs that can be collected after the run", "something still holds them")
    finally:
        gc.unfreeze()


async def scenario(params):
    await judge_kept(on_target, params)


async def control(params):
    await judge_kept(on_plain, params)
