"""In any graph with guards, the run goes on when the guards accept, and ends with the guard that refuses for good."""

from components.lab.dag_examples import ACCEPTED_IN_TIME, ONE_REFUSAL_TOO_MANY
from components.lab.dag_judge import judge_course, run_end
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
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
    ACCEPTED_IN_TIME,
    ONE_REFUSAL_TOO_MANY,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), run_end)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), run_end)
