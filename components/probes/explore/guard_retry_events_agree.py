"""In any graph with guards, refusals, retries and how they ended are reported once each, in order."""

from components.lab.dag_examples import ACCEPTED_IN_TIME, ONE_REFUSAL_TOO_MANY
from components.lab.dag_judge import event_order, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Guard retry events are missing, doubled or miscounted in some graphs",
    claim=(
        "Whatever the graph, each refusal gives an attempt event, each retry a scheduled event, and each guard that "
        "refused a recovered or exhausted event, with its count."
    ),
    source="docs/examples/agent-tools.md#guard-retry-cookbook",
    component="stageflow.pipeline.guard_retry.GuardRetryPolicy",
    subsystem="guard_retry",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Dashboards of correction loops miscount.",
    recommendation="Emit each event once where it happens.",
    virtual_time=True,
)

# only the guard depends on what it judges: others are what guard_retry/dependents_follow_retry is about
TRAITS = Traits(most=5, returns=("ok", "dict"), guards=4, forms=("instance", "class"))
CASES = (
    ACCEPTED_IN_TIME,
    ONE_REFUSAL_TOO_MANY,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), event_order("guard_retry."))


async def control(params):
    judge_course(promised_course(params), await on_plain(params), event_order("guard_retry."))
