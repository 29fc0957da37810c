"""In any graph of the older executor, each stage starts once, when its dependencies have completed."""

from components.lab.dag_examples import CHAIN, LEGACY_DIAMOND
from components.lab.dag_judge import judge_course, start_times
from components.lab.dag_legacy import on_legacy
from components.lab.dag_plain import on_plain
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs of StageGraph a stage does not start once in the moment in which its dependencies have completed",
    claim="Whatever the graph, StageGraph runs each stage once, as soon as its dependencies are met.",
    source="docstring:stageflow.pipeline.dag.StageGraph",
    component="stageflow.pipeline.dag.StageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Pipelines that have not been migrated yet do work twice, late or never.",
    recommendation="Schedule a stage when its last dependency is recorded.",
    virtual_time=True,
)

TRAITS = Traits(returns=("dict", "none"), most=9)
CASES = (
    CHAIN,
    LEGACY_DIAMOND,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_legacy(params), start_times)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), start_times)
