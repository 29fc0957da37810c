"""In any graph, each stage is given the outputs of exactly the stages it depends on."""

from components.lab.dag_examples import DIAMOND
from components.lab.dag_judge import inputs_seen, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs a stage is given outputs of the wrong stages, or not those of its dependencies",
    claim="Whatever the graph, a stage's inputs are the outputs of the stages it declares as dependencies, and no others.",
    source="docs/guides/dependencies.md#accessing-upstream-data",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage works on data it should not have, or without data it needs.",
    recommendation="Select the recorded outputs by the declared dependencies.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "none", "skip"), endings=("raise", "fail", "cancel"), defaults=True)
CASES = (
    DIAMOND,
    Case(
        "chain behind a skip",
        {
            "stages": [
                {"name": "a", "does": [["skip", 3, "not needed"]]},
                {"name": "b", "after": ["a"], "does": [["ok", 2]]},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), inputs_seen)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), inputs_seen)
