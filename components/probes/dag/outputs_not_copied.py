"""Starting a stage does not copy the outputs that other stages have left."""

from components.lab.dag_kit import plain_dag, results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Outputs are copied whenever a stage starts",
    claim="Handing outputs on costs the same whatever their size: the executor does not copy them.",
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

CASES = (
    Case("read by 1 stage", {"width": 1, "linked": True}),
    Case("read by 20 stages", {"width": 20, "linked": True}),
    Case("read by nobody", {"width": 20, "linked": False}),
)


class Counted:
    """Counts how often it is copied, serialised or walked through."""

    def __init__(self):
        self.touched = 0

    def __copy__(self):
        self.touched += 1
        return self

    def __deepcopy__(self, memo):
        self.touched += 1
        return self

    def __reduce_ex__(self, protocol):
        self.touched += 1
        return (list, ())

    def __iter__(self):
        self.touched += 1
        return iter(())


def shape(params, payload):
    async def root(_):
        return {"payload": payload}

    async def leaf(_):
        return {}

    after = ("root",) if params["linked"] else ("gate",)
    return [("root", root, ()), ("gate", leaf, ("root",)), *[(f"leaf{n}", leaf, after) for n in range(params["width"])]]


async def scenario(params):
    payload = Counted()
    await results_of(graph(pipeline(*shape(params, payload))).run(context()))
    expect_equal(payload.touched, 0, "copies made of one stage's output")


async def control(params):
    payload = Counted()
    await plain_dag(shape(params, payload))
    expect_equal(payload.touched, 0, "copies made of one step's output")
