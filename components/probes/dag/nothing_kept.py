"""When a run is over and its results are dropped, nothing of it is kept."""

import gc
import weakref

from components.lab.dag_kit import plain_dag
from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A finished run's outputs stay in memory",
    claim="Once the caller has dropped the results and the context, a finished run's outputs can be collected.",
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

CASES = (
    Case("run that succeeds", {"end": "ok"}),
    Case("run that fails", {"end": "fail"}),
    Case("run that is cancelled", {"end": "cancel"}),
)


class Payload:
    """Something that can be watched by a weak reference."""


def stages_leaving(watched, last):
    async def make(_):
        payload = Payload()
        watched.append(weakref.ref(payload))
        return {"payload": payload}

    return ("make", make, ()), ("last", last, ("make",))


async def scenario(params):
    output = need("stageflow:StageOutput")
    watched = []

    async def last(ctx):
        return getattr(output, params["end"])()

    built = graph(pipeline(*stages_leaving(watched, last)))
    for _ in range(5):
        await outcome(built.run(context()))
    gc.collect()
    alive = sum(reference() is not None for reference in watched)
    expect_equal((len(watched), alive), (5, 0), "(outputs made, outputs still in memory after the runs)")


async def control(params):
    watched = []

    async def last(_):
        return {"end": params["end"]}

    for _ in range(5):
        await plain_dag(stages_leaving(watched, last))
    gc.collect()
    alive = sum(reference() is not None for reference in watched)
    expect_equal((len(watched), alive), (5, 0), "(outputs made, outputs still in memory after the runs)")
