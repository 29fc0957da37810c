"""In any graph, interceptors that only watch, or break, change nothing about the results; one that answers gives the result."""

from components.lab.dag_judge import final_results, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Interceptors that only watch, or break, change a run's results, or an answer given in a stage's place is lost",
    claim=(
        "A run's results are the stages' own outputs whatever interceptors watch or break; where an interceptor answers, "
        "its result is the stage's."
    ),
    source="docs/guides/interceptors.md#2-handle-errors-gracefully",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="interceptors",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A broken metrics hook stops the service or spoils its answers.",
    recommendation="Log what hooks raise and keep the stage's result.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "skip", "none"), recorders=("record", "raise before", "raise after", "raise error"), answers=True)
CASES = (
    Case(
        "one breaks, one answers",
        {
            "stages": [
                {"name": "a", "does": [["ok", 1]]},
                {"name": "b", "does": [["ok", 2]]},
            ],
            "stack": [["record", 30], ["raise after", 2], ["answer", 7, "a"]],
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
