"""In any graph, every cleanup that stages register runs once at the end of the run, the last one first."""

from components.lab.dag_judge import cleanups_run, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="For some graphs cleanups are lost, run twice or run in the wrong order",
    claim=(
        "Whatever the graph and however the run ends, every registered cleanup runs once, in reverse order of "
        "registration, also when others of them fail."
    ),
    source="docstring:stageflow.pipeline.cancellation.CleanupRegistry",
    component="stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Resources are closed before what depends on them, twice or never.",
    recommendation="Run the registry backwards once in run()'s finally block.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "skip"), endings=("raise", "fail", "cancel"), cleanups=3, defaults=True)
CASES = (
    Case(
        "two stages",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]], "cleanups": 2},
                {"name": "b", "after": ["a"], "does": [["ok", 2]], "cleanups": 1},
            ]
        },
    ),
    Case(
        "cancels beside",
        {
            "stages": [
                {"name": "a", "does": [["cancel", 3, "enough"]], "cleanups": 1},
                {"name": "b", "does": [["ok", 9]], "cleanups": 3},
                {"name": "c", "after": ["b"], "does": [["ok", 1]]},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), cleanups_run)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), cleanups_run)
