"""In any graph, a run that is called off hands over the outputs of the stages that had completed by then."""

from components.lab.dag_examples import IN_THE_SECOND_STAGE
from components.lab.dag_judge import judge_course, partial_results
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="The partial results of a run that was called off lack a completed stage, or are not what it returned",
    claim=(
        "Whatever the graph, when the context is cancelled UnifiedPipelineCancelled.results holds the output of every "
        "stage that had completed by then."
    ),
    source="docs/advanced/errors.md#unifiedpipelinecancelled",
    component="stageflow.pipeline.dag.UnifiedPipelineCancelled",
    subsystem="cancellation",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Work that was done is lost.",
    recommendation="Hand over all recorded outputs.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "skip", "polls"), called_off=True, most=9)
CASES = (
    IN_THE_SECOND_STAGE,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), partial_results)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), partial_results)
