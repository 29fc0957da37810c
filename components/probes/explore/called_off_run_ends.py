"""In any graph, a run that is called off ends cancelled, at the latest when one of its stages ends or polls next."""

from components.lab.dag_examples import BETWEEN_CHECKPOINTS, IN_THE_SECOND_STAGE
from components.lab.dag_judge import called_off_end, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title=("A run whose context was cancelled goes on past the next moment in which it could notice, or does not end cancelled"),
    claim=(
        "Whatever the graph, a run that was called off ends with UnifiedPipelineCancelled and the given reason no later "
        "than its next checkpoint or stage end."
    ),
    source="docs/guides/context.md#cooperative-cancellation",
    component="stageflow.stages.context.PipelineContext.mark_canceled",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="A stop request is ignored or reported as something else.",
    recommendation="Check the context whenever a stage ends or polls.",
    virtual_time=True,
)

# stages that neither end nor poll for long are what cancellation/context_cancel_noticed is about
TRAITS = Traits(returns=("ok", "skip", "polls"), called_off=True, defaults=True)
CASES = (
    IN_THE_SECOND_STAGE,
    BETWEEN_CHECKPOINTS,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), called_off_end)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), called_off_end)
