"""In any graph, a run that a stage cancels hands over the outputs of all stages that had completed."""

from components.lab.dag_judge import judge_course, partial_results
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="The partial results of a cancelled run lack a completed stage, or are not what it returned",
    claim=(
        "Whatever the graph, UnifiedPipelineCancelled.results holds the output of every stage that had completed before the cancellation."
    ),
    source="docs/advanced/errors.md#unifiedpipelinecancelled",
    component="stageflow.pipeline.dag.UnifiedPipelineCancelled",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Work that was done and paid for is lost, or repeated.",
    recommendation="Record outputs before acting on a cancellation.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "none", "skip"), endings=("cancel",), values=(0, None, []), defaults=True)
CASES = (
    Case(
        "cancels at the end",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]]},
                {"name": "b", "after": ["a"], "does": [["cancel", 2, "enough"]]},
            ]
        },
    ),
    Case(
        "cancels beside",
        {
            "stages": [
                {"name": "a", "does": [["cancel", 3, "enough"]]},
                {"name": "b", "does": [["ok", 1]]},
                {"name": "c", "after": ["b"], "does": [["ok", 1]]},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), partial_results)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), partial_results)
