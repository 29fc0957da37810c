"""In any graph, each stage starts in the moment in which the last of its dependencies has completed."""

from components.lab.dag_examples import DIAMOND
from components.lab.dag_judge import judge_course, start_times
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title=("In some graphs a stage starts before its dependencies have completed, or is held up by stages it does not depend on"),
    claim=(
        "Whatever the graph, stages without dependencies start at once and the others as soon as all of their dependencies have completed."
    ),
    source="docs/getting-started/concepts.md#dependency-rules",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="performance",
    type="performance",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Requests take longer than their longest path, or stages work without their input.",
    recommendation="React to every stage that ends, on its own.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "none", "skip"), endings=("raise", "fail", "cancel"), defaults=True)
CASES = (
    DIAMOND,
    Case(
        "three roots",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]]},
                {"name": "b", "does": [["ok", 9]]},
                {"name": "c", "does": [["ok", 20]]},
                {"name": "d", "after": ["a"], "does": [["ok", 1]]},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), start_times)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), start_times)
