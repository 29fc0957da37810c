"""In any graph with guards, the run goes on when the guards accept, and ends with the guard that refuses for good."""

from components.lab.dag_judge import judge_course, run_end
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs with guard retries a run does not end as its guards decide, or not when they do",
    claim=(
        "Whatever the graph, a run whose guards accept within their policies completes; otherwise it fails by the first "
        "guard that has used up its policy."
    ),
    source="docs/examples/agent-tools.md#guard-retry-cookbook",
    component="stageflow.pipeline.guard_retry.GuardRetryPolicy",
    subsystem="guard_retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Refused output goes out, or a good run hangs or fails.",
    recommendation="Finalise a guard when it accepts or its policy is used up.",
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
    judge_course(promised_course(params), await on_target(params), run_end)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), run_end)
