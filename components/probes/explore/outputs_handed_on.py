"""In any graph, outputs are handed on as they are: nothing is copied, serialised or walked through on the way."""

from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Outputs are copied or walked through on their way from stage to stage",
    claim="Whatever the graph, handing outputs on costs the same whatever their size: no value in them is copied or walked through.",
    source="invariant:complexity",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="performance",
    type="performance",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Time and memory grow with payload size times number of stages.",
    recommendation="Pass the recorded outputs on by reference.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict"), endings=("fail", "cancel"), forms=("instance", "class"), guards=2, defaults=True)
CASES = (
    Case("two stages", {"stages": [{"name": "a", "does": [["ok", 3]]}, {"name": "b", "after": ["a"], "does": [["ok", 2]]}]}),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


class Payload:
    """Counts how often it is copied, serialised or walked through."""

    def __init__(self):
        self.touched = 0

    def touch(self, *given):
        self.touched += 1
        return self

    __copy__ = __deepcopy__ = touch

    def __reduce_ex__(self, protocol):
        self.touched += 1
        return (list, ())

    def __iter__(self):
        self.touched += 1
        return iter(())


async def judge_touched(play, params):
    payload = Payload()
    await play(params, token=payload)
    expect_equal(payload.touched, 0, "times a value in the outputs was copied or walked through")


async def scenario(params):
    await judge_touched(on_target, params)


async def control(params):
    await judge_touched(on_plain, params)
