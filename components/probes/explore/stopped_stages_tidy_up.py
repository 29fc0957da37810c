"""In any graph, stages that are stopped have finished tidying up when the run ends."""

from components.lab.dag_examples import CANCELS_BESIDE_ONE_THAT_TIDIES_UP
from components.lab.dag_judge import judge_course, tidied_up
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="A run ends before the stages it stopped have finished their own cleanup",
    claim=(
        "Whatever the graph, a stage that is stopped because another one ended the run can finish its except and finally "
        "blocks before run() returns."
    ),
    source="docstring:stageflow.pipeline.dag.UnifiedStageGraph.run",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Transactions are left open, and cleanups of the run pull resources away from stages that still use them.",
    recommendation="Await the cancelled tasks before cleanups run.",
    virtual_time=True,
)

# without StageOutput.fail, which dag/failed_run_stops_siblings is about
TRAITS = Traits(returns=("ok",), endings=("raise", "cancel"), tidy=50, defaults=True)
CASES = (
    CANCELS_BESIDE_ONE_THAT_TIDIES_UP,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), tidied_up)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), tidied_up)
