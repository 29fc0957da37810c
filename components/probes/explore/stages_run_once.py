"""In any graph, each stage runs once when its dependencies have completed, and not at all once the run has ended."""

from components.lab.dag_examples import DIAMOND
from components.lab.dag_judge import executions, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs a stage does not run, runs more than once, or runs after the run has failed or was cancelled",
    claim=(
        "Whatever the graph, a stage runs exactly once if all of its dependencies completed before the run ended, and otherwise not at all."
    ),
    source="docs/getting-started/concepts.md#dependency-rules",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Side effects happen twice or never.",
    recommendation="Schedule a stage when its last dependency is recorded, and nothing after the end of the run.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "none", "skip"), endings=("raise", "fail", "cancel"), forms=("instance", "function"), defaults=True)
CASES = (
    DIAMOND,
    Case(
        "failure upstream",
        {
            "stages": [
                {"name": "a", "does": [["fail", 3, "no good"]]},
                {"name": "b", "after": ["a"], "does": [["ok", 2]]},
            ]
        },
    ),
    Case(
        "cancellation beside",
        {
            "stages": [
                {"name": "a", "does": [["cancel", 3, "enough"]]},
                {"name": "b", "does": [["ok", 9]]},
                {"name": "c", "after": ["b"], "does": [["ok", 1]]},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), executions)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), executions)
