"""In any graph with guards, the results of a run that works fit together: each stage worked on the final outputs of its dependencies."""

from components.lab.dag_judge import final_inputs, judge_same
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded, with_causes
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="After a guard retry some results were made from an output that the guard had rejected",
    claim="Whatever the graph, in a run's results every stage's output was computed from the final outputs of its dependencies.",
    source="invariant:consistency",
    component="stageflow.pipeline.guard_retry.GuardRetryStrategy",
    subsystem="guard_retry",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="The text that a guard rejected is still spoken, stored or sent by the stages beside the guard.",
    recommendation="When a stage is retried, discard and re-run everything that depends on it.",
    workaround="Let all other consumers depend on the guard.",
    virtual_time=True,
)

TRAITS = Traits(most=5, returns=("ok", "dict"), guards=3, beside=True)
REFUSED = ["fail", 4, "refused", {"turn": 1}]
GUARD = {"name": "guard0", "after": ["a"], "kind": "guard", "does": [REFUSED, ["ok", 1]]}
POLICY = {"guard0": {"retry_stage": "a", "max_attempts": 3}}

CAUSE = "stageflow.pipeline.dag:UnifiedStageGraph.run #guard-retry"


def features(params):
    """Whether others than its guard depend on a stage that is made once more."""
    course = promised_course(params)
    retried = course.ends == "ok" and any(kind == "guard_retry.scheduled" for kind, _ in course.events)
    judged = [policy["retry_stage"] for policy in params["guards"].values()]
    readers = [name for row in params["stages"] for name in row.get("after", ())]
    return (
        {"others depend on what is judged"} if retried and any(readers.count(name) > 1 for name in judged) else {"only guards depend on it"}
    )


def case_of(params):
    return Case("", params, cause=CAUSE if "others depend on what is judged" in features(params) else "")


CASES = with_causes(
    (
        Case(
            "consumer behind the guard",
            {
                "stages": [{"name": "a", "does": [["ok", 3]]}, GUARD, {"name": "b", "after": ["guard0"], "does": [["ok", 1]]}],
                "guards": POLICY,
            },
        ),
        Case(
            "consumer beside the guard",
            {"stages": [{"name": "a", "does": [["ok", 3]]}, GUARD, {"name": "b", "after": ["a"], "does": [["ok", 1]]}], "guards": POLICY},
        ),
        *seeded(TRAITS, 5),
    ),
    case_of,
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_same(*final_inputs(await on_target(params)))


async def control(params):
    judge_same(*final_inputs(await on_plain(params)))
