"""However pipelines are nested, a child's stages run as they would in a run of their own."""

from components.lab.dag_examples import CHILD_WORKS, TOO_DEEP
from components.lab.dag_judge import judge_course, start_times
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Stages of a nested pipeline do not run when and as often as in a run of its own",
    claim=(
        "However pipelines are nested, the stages of every child run once each as soon as their dependencies have "
        "completed, up to the depth that is allowed."
    ),
    source="docs/advanced/subpipelines.md#features",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Delegated work is done twice, late or not at all.",
    recommendation="Run a child's graph like any other.",
    virtual_time=True,
)

# parents that end while a child is working are what subpipeline/parent_cancel_reaches_child and dag/failed_run_stops_siblings are about
TRAITS = Traits(most=5, returns=("ok", "dict", "skip"), children=3, prefixes=("", "schritt für schritt "))
CASES = (
    CHILD_WORKS,
    TOO_DEEP,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), start_times)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), start_times)
