"""In any graph with guards, refusals, retries and how they ended are reported once each, in order."""

from components.lab.dag_judge import event_order, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
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
    Case(
        "accepted in time",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]]},
                {
                    "name": "guard0",
                    "after": ["a"],
                    "kind": "guard",
                    "does": [["fail", 1, "refused", {"turn": 1}], ["fail", 2, "refused", {"turn": 2}], ["ok", 1]],
                },
                {"name": "z", "after": ["guard0"], "does": [["ok", 1]]},
            ],
            "guards": {"guard0": {"retry_stage": "a", "max_attempts": 3, "stagnation_limit": 9}},
        },
    ),
    Case(
        "one refusal too many",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]]},
                {
                    "name": "guard0",
                    "after": ["a"],
                    "kind": "guard",
                    "does": [["fail", 1, "refused", {"turn": 1}], ["fail", 2, "refused", {"turn": 2}], ["ok", 1]],
                },
                {"name": "z", "after": ["guard0"], "does": [["ok", 1]]},
            ],
            "guards": {"guard0": {"retry_stage": "a", "max_attempts": 2, "stagnation_limit": 9}},
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), event_order("guard_retry."))


async def control(params):
    judge_course(promised_course(params), await on_plain(params), event_order("guard_retry."))
