"""In any graph, no stage goes on working when a failure or a cancellation has ended the run."""

from components.lab.dag_examples import CANCELS_BESIDE_ONE_THAT_TIDIES_UP, RAISES_BESIDE
from components.lab.dag_judge import judge_course, nothing_afterwards
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
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
    RAISES_BESIDE,
    CANCELS_BESIDE_ONE_THAT_TIDIES_UP,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params, linger=5.0), nothing_afterwards)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), nothing_afterwards)
