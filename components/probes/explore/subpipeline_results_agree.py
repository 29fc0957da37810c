"""However pipelines are nested, each parent is told truthfully how its child went and what its stages gave."""

from components.lab.dag_examples import CHILD_RAISES, CHILD_WORKS
from components.lab.dag_judge import child_reports, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="The result of a nested pipeline does not say how it went or what its stages gave",
    claim=(
        "However pipelines are nested, success is true exactly for children that completed, and data holds the outputs of "
        "all of their stages."
    ),
    source="docs/advanced/subpipelines.md#subpipelineresult",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A parent goes on as if a failed child had worked, or without its output.",
    recommendation="Report success only for a runner that returned, with all it returned.",
    virtual_time=True,
)

# parents that end while a child is working are what subpipeline/parent_cancel_reaches_child and dag/failed_run_stops_siblings are about
TRAITS = Traits(most=5, returns=("ok", "dict", "skip"), children=3, prefixes=("", "schritt für schritt "))
CASES = (
    CHILD_WORKS,
    CHILD_RAISES,
    Case(
        "child cancels",
        {
            "stages": [
                {
                    "name": "a",
                    "does": [["ok", 3]],
                    "child": {
                        "stages": [
                            {"name": "b", "does": [["cancel", 2, "enough"]]},
                        ]
                    },
                },
                {"name": "c", "after": ["a"], "does": [["ok", 1]]},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), child_reports)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), child_reports)
