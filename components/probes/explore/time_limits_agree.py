"""In any graph, stages are stopped when the time-out is over, and only then."""

from components.lab.dag_judge import judge_course, run_end
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs stages are not stopped by the time-out, or are stopped although they keep it",
    claim=(
        "Whatever the graph, the first stage that works longer than ctx.data['_timeout_ms'] milliseconds ends the run in "
        "that moment, and no other does."
    ),
    source="docs/guides/interceptors.md#timeoutinterceptor",
    component="stageflow.pipeline.interceptors.TimeoutInterceptor",
    subsystem="interceptors",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="Slow calls block requests, or healthy ones are cut short.",
    recommendation="Apply the limit to each stage's own execution, in milliseconds.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict"), limits=True, most=5)
CASES = (
    Case("too slow", {"stages": [{"name": "a", "does": [["ok", 300]]}], "stack": [["timeout", 5]], "data": {"_timeout_ms": 200}}),
    Case("in time", {"stages": [{"name": "a", "does": [["ok", 190]]}], "stack": [["timeout", 5]], "data": {"_timeout_ms": 200}}),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), run_end)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), run_end)
