"""In any graph, a stage that fails for a while is tried again at the documented times, as often as allowed."""

from components.lab.dag_judge import judge_course, start_times
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded, with_causes
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="RetryInterceptor does not try a failing stage again when and as often as its settings say",
    claim=(
        "Whatever the graph, retryable errors lead to max_attempts attempts at most, each after the documented delay; other errors to none."
    ),
    source="docstring:stageflow.pipeline.retry.RetryInterceptor.__init__",
    component="stageflow.pipeline.retry.RetryInterceptor",
    subsystem="retry",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Transient failures that a further attempt would have survived fail the request, or a service is hammered.",
    recommendation="Loop in run_with_interceptors until the interceptor answers something other than RETRY.",
    workaround="Retry inside the stage body.",
    virtual_time=True,
)

TRAITS = Traits(most=4, returns=("ok", "dict"), retries=((0, 2), (1, 2), (2, 2), (1, 1), (1, 3), (2, 3), (4, 4)))

CAUSE = "stageflow.pipeline.interceptors:run_with_interceptors #one-retry"


def features(params):
    retry = params["stack"][0]
    runs = promised_course(params).starts
    return {"third attempt"} if retry[2] > 2 and any(label.endswith("#3") for label in runs) else {"two attempts"}


def case_of(params):
    return Case("", params, cause=CAUSE if "third attempt" in features(params) else "")


CASES = with_causes(
    (
        Case(
            "works at the second attempt",
            {
                "stages": [
                    {"name": "a", "does": [["raise", 2, "ConnectionError"], ["ok", 3]]},
                ],
                "stack": [["retry", 15, 2, 100, "constant"]],
            },
        ),
        Case(
            "one attempt allowed",
            {
                "stages": [
                    {"name": "a", "does": [["raise", 2, "ConnectionError"], ["ok", 3]]},
                ],
                "stack": [["retry", 15, 1, 100, "constant"]],
            },
        ),
        Case(
            "other error",
            {
                "stages": [
                    {"name": "a", "does": [["raise", 2, "ValueError"], ["ok", 3]]},
                ],
                "stack": [["retry", 15, 3, 100, "linear"]],
            },
        ),
        Case(
            "fails twice",
            {
                "stages": [
                    {"name": "a", "does": [["raise", 2, "ConnectionError"], ["raise", 2, "ConnectionError"], ["ok", 3]]},
                ],
                "stack": [["retry", 15, 3, 100, "exponential"]],
            },
        ),
        *seeded(TRAITS, 5),
    ),
    case_of,
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), start_times)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), start_times)
