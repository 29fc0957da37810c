"""In any graph, the time-out also applies to the second attempt of a stage."""

from components.lab.dag_judge import judge_course, run_end
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded, with_causes
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="A retried attempt is not stopped by the stage's time-out",
    claim=(
        "Whatever the graph, an attempt that works longer than ctx.data['_timeout_ms'] milliseconds is stopped in that "
        "moment, the retried one too."
    ),
    source="docs/guides/interceptors.md#timeoutinterceptor",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="retry",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="One transient error followed by a slow call blocks the request far beyond its limit.",
    recommendation="Wrap the retried stage_run() in the same asyncio.wait_for as the first attempt.",
    workaround="Put asyncio.timeout around slow calls inside the stage body.",
    virtual_time=True,
)

TRAITS = Traits(most=4, returns=("ok", "dict"), retries=((1, 2),), limits=True)

CAUSE = "stageflow.pipeline.interceptors:run_with_interceptors #retry-without-timeout"


def features(params):
    course = promised_course(params)
    late = course.why == "time-out" and f"{course.by}#2" in course.starts
    return {"second attempt over time"} if late else {"second attempt in time"}


def case_of(params):
    return Case("", params, cause=CAUSE if "second attempt over time" in features(params) else "")


CASES = with_causes(
    (
        Case(
            "in time",
            {
                "stages": [
                    {"name": "a", "does": [["raise", 2, "ConnectionError"], ["ok", 150]]},
                ],
                "stack": [["retry", 15, 2, 100, "constant"], ["timeout", 5]],
                "data": {"_timeout_ms": 200},
            },
        ),
        Case(
            "second attempt too slow",
            {
                "stages": [
                    {"name": "a", "does": [["raise", 2, "ConnectionError"], ["ok", 300]]},
                ],
                "stack": [["retry", 15, 2, 100, "constant"], ["timeout", 5]],
                "data": {"_timeout_ms": 200},
            },
        ),
        *seeded(TRAITS, 5),
    ),
    case_of,
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), run_end)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), run_end)
