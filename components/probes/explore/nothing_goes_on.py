"""In any graph, no stage goes on working when a failure or a cancellation has ended the run."""

from components.lab.dag_judge import judge_course, nothing_afterwards
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs stages go on working after a failure or a cancellation has ended the run",
    claim=(
        "Whatever the graph, when a stage that raises or cancels has ended the run, all other stages have been stopped, "
        "and no task of the run is left."
    ),
    source="docstring:stageflow.pipeline.dag.UnifiedStageGraph.run",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A request that was answered with an error still charges, sends or writes.",
    recommendation="Cancel and await all active tasks before run() ends.",
    virtual_time=True,
)

# without StageOutput.fail, which dag/failed_run_stops_siblings is about
TRAITS = Traits(returns=("ok", "skip"), endings=("raise", "cancel"), tidy=30, defaults=True)
CASES = (
    Case(
        "raises beside",
        {
            "stages": [
                {"name": "a", "does": [["raise", 3, "KeyError"]]},
                {"name": "b", "does": [["ok", 9]]},
                {"name": "c", "after": ["b"], "does": [["ok", 1]]},
            ]
        },
    ),
    Case(
        "cancels beside one that tidies up",
        {
            "stages": [
                {"name": "a", "does": [["cancel", 3, "enough"]]},
                {"name": "b", "does": [["ok", 9]], "tidy": 5},
                {"name": "c", "after": ["b"], "does": [["ok", 1]]},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params, linger=5.0), nothing_afterwards)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), nothing_afterwards)
