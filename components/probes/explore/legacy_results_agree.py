"""In any graph of the older executor, a run returns each stage's own data under that stage's name."""

from components.lab.dag_examples import CHAIN, LEGACY_DIAMOND
from components.lab.dag_judge import final_results, judge_course
from components.lab.dag_legacy import on_legacy
from components.lab.dag_plain import on_plain
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs a run of StageGraph lacks a stage's result, or holds other data than the stage returned",
    claim=(
        "Whatever the graph, the results of a StageGraph run map every stage's name to a completed result with the data "
        "that this stage returned."
    ),
    source="docstring:stageflow.pipeline.dag.StageGraph",
    component="stageflow.pipeline.dag.StageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Callers read a wrong answer or miss one.",
    recommendation="Store every result unchanged under the full name of its stage.",
    virtual_time=True,
)

TRAITS = Traits(returns=("dict", "none"), most=9, values=(0, False, "", []))
CASES = (
    CHAIN,
    LEGACY_DIAMOND,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_legacy(params), final_results)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), final_results)
