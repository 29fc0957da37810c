"""In any graph with guards, each guard and what it judges run as often as the policy says."""

from components.lab.dag_examples import ACCEPTED_IN_TIME, ONE_REFUSAL_TOO_MANY
from components.lab.dag_judge import executions, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs a guard or the stage it judges does not run as often as the retry policy says",
    claim=(
        "Whatever the graph, a refused stage and its guard run again until the guard accepts, max_attempts, the "
        "stagnation limit or the time limit is reached."
    ),
    source="docstring:stageflow.pipeline.guard_retry.GuardRetryPolicy",
    component="stageflow.pipeline.guard_retry.GuardRetryPolicy",
    subsystem="guard_retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Costly calls are repeated too often, or a chance to recover is lost.",
    recommendation="Apply the policy's limits after each refusal.",
    virtual_time=True,
)

# only the guard depends on what it judges: others are what guard_retry/dependents_follow_retry is about
TRAITS = Traits(most=5, returns=("ok", "dict"), guards=4, forms=("instance", "class"))
CASES = (
    ACCEPTED_IN_TIME,
    ONE_REFUSAL_TOO_MANY,
    Case(
        "stagnation",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]]},
                {
                    "name": "guard0",
                    "after": ["a"],
                    "kind": "guard",
                    "does": [["fail", 1, "refused", {"turn": 1}], ["fail", 1, "refused", {"turn": 1}], ["ok", 1]],
                },
                {"name": "z", "after": ["guard0"], "does": [["ok", 1]]},
            ],
            "guards": {"guard0": {"retry_stage": "a", "max_attempts": 9, "stagnation_limit": 1}},
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), executions)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), executions)
