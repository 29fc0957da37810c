"""In any graph, no stage starts once the context was cancelled."""

from components.lab.dag_examples import BETWEEN_CHECKPOINTS, IN_THE_SECOND_STAGE
from components.lab.dag_judge import judge_course, start_times
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Stages start although the run's context has been cancelled",
    claim=("Whatever the graph, after PipelineContext.mark_canceled() none of the run's stages starts; before it, all start as usual."),
    source="docs/guides/context.md#cooperative-cancellation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Work begins for a request that was called off.",
    recommendation="Ask the context before a stage is scheduled.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "skip", "polls"), called_off=True, defaults=True)
CASES = (
    IN_THE_SECOND_STAGE,
    BETWEEN_CHECKPOINTS,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), start_times)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), start_times)
