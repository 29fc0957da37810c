"""In any graph, every stage that ends gives one stage.wide event and the run one pipeline.wide event."""

from components.lab.dag_examples import DIAMOND, FAILS_BESIDE
from components.lab.dag_judge import judge_course, wide_events
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Wide events are missing or doubled for some graphs",
    claim=(
        "With wide events on, whatever the graph, each stage that completes, skips or fails gives one stage.wide event, "
        "and the run one pipeline.wide event with its status."
    ),
    source="docs/guides/observability.md#wide-events-opt-in",
    component="stageflow.observability.WideEventEmitter",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Dashboards miscount stages and runs.",
    recommendation="Publish one event where an output is recorded, and one where the run ends.",
    virtual_time=True,
)

# without stages that raise, which observability/wide_of_raising_stage is about
TRAITS = Traits(returns=("ok", "dict", "none", "skip"), endings=("fail", "cancel"))
CASES = (
    DIAMOND,
    FAILS_BESIDE,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params, emit_stage_wide_events=True, emit_pipeline_wide_event=True), wide_events)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), wide_events)
