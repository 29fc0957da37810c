"""In any graph, a run ends with the first failure or cancellation, or when its last stage has completed."""

from components.lab.dag_examples import DIAMOND, FAILS_BESIDE, RAISES_BESIDE
from components.lab.dag_judge import judge_course, run_end
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs a run does not end as the stages decide, or not when they do",
    claim=(
        "Whatever the graph, the first stage that fails or cancels ends the run then, with an error that names it and its "
        "reason; otherwise the run ends with the last stage."
    ),
    source="docs/guides/pipelines.md#error-handling",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Callers act on the wrong stage, wait for nothing or take a failed run for a good one.",
    recommendation="Let the first failed or cancelling stage end the run, with its own name and reason.",
    virtual_time=True,
)

TRAITS = Traits(
    returns=("ok", "dict", "none", "skip"), endings=("raise", "fail", "cancel"), forms=("instance", "class", "function"), defaults=True
)
CASES = (
    DIAMOND,
    RAISES_BESIDE,
    FAILS_BESIDE,
    Case(
        "cancels beside",
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
    judge_course(promised_course(params), await on_target(params), run_end)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), run_end)
