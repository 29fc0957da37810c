"""In any graph with guards, the results of a run that works are those of the last executions, the accepted ones."""

from components.lab.dag_examples import ACCEPTED_IN_TIME, ONE_REFUSAL_TOO_MANY
from components.lab.dag_judge import final_results, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs with guard retries the results hold an output that was rejected, or lack one",
    claim="Whatever the graph, after guard retries results hold, for the guard and the stage it judges, the output that was returned last.",
    source="docs/examples/agent-tools.md#guard-retry-cookbook",
    component="stageflow.pipeline.guard_retry.GuardRetryPolicy",
    subsystem="guard_retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Text that a guard rejected is shown, or an accepted answer is lost.",
    recommendation="Record the output of every execution over the one before.",
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
    judge_course(promised_course(params), await on_target(params), final_results)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), final_results)
