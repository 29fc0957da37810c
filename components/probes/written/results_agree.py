"""In a graph that was written down for it, a run returns what the reference executor returns."""

from components.lab.dag_judge import final_results, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="The results of a written graph differ from the reference executor's",
    claim="Whatever the graph, the results of a run that works map every stage's name to the status and data that it returned last.",
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

CASES = (
    Case(
        "join",
        {
            "stages": [
                {"name": "a", "does": [["ok", 2]]},
                {"name": "b", "does": [["dict", 1]]},
                {"name": "c", "after": ["a", "b"], "does": [["ok", 1]]},
            ]
        },
    ),
)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), final_results)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), final_results)
