"""However pipelines are nested, each child ends as its own stages decide, and nesting is refused beyond the limit only."""

from components.lab.dag_examples import CHILD_RAISES, TOO_DEEP
from components.lab.dag_judge import child_ends, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title=("Nested pipelines are refused within the depth limit, allowed beyond it, or end otherwise than their stages decide"),
    claim=(
        "However pipelines are nested, max_depth levels can run, one more raises MaxDepthExceededError, and every child "
        "ends by its own stages."
    ),
    source="docs/advanced/subpipelines.md#depth-limiting",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="Runaway recursion goes on, or allowed nesting fails.",
    recommendation="Compare the depth of the spawning run with max_depth.",
    virtual_time=True,
)

# parents that end while a child is working are what subpipeline/parent_cancel_reaches_child and dag/failed_run_stops_siblings are about
TRAITS = Traits(most=5, returns=("ok", "dict", "skip"), children=3, prefixes=("", "schritt für schritt "))
CASES = (
    CHILD_RAISES,
    TOO_DEEP,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), child_ends)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), child_ends)
