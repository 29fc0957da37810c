"""In any graph, a run that works returns each stage's own output under that stage's name."""

from components.lab.dag_examples import DIAMOND
from components.lab.dag_judge import final_results, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs a run's results lack a stage, or hold another status or other data than the stage returned",
    claim=(
        "Whatever the graph, the results of a run that works map every stage's name to the status and data that this stage returned last."
    ),
    source="docs/guides/pipelines.md#access-results",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Callers read a wrong answer or miss one.",
    recommendation="Store every output unchanged under the full name of its stage.",
    virtual_time=True,
)

TRAITS = Traits(
    returns=("ok", "dict", "none", "skip"),
    forms=("instance", "class", "function"),
    values=(0, False, "", None, [], {"x": [1.5, "ü"]}),
    defaults=True,
)
CASES = (
    DIAMOND,
    Case(
        "two, long names",
        {
            "stages": [
                {"name": "customer_onboarding_step_a", "does": [["ok", 3]]},
                {"name": "customer_onboarding_step_b", "does": [["dict", 2]]},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), final_results)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), final_results)
