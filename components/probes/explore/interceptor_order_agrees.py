"""In any graph and any stack, interceptors are asked in the order of their priorities on the way in, in the opposite one on the way out."""

from components.lab.dag_judge import calls_made, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Some interceptor stacks are not asked in the documented order, or not all of them",
    claim=(
        "Whatever the graph, before() is called by rising priority, on_error() and after() by falling priority, once "
        "each; broken hooks leave the others alone, an answer keeps the inner ones out."
    ),
    source="docs/guides/interceptors.md#ordering-guarantees-verified",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="security_breach",
    silent=True,
    default_setup=False,
    impact="Checks run after the work they should guard, or not at all.",
    recommendation="Sort by priority for each stage and walk the same list backwards on the way out.",
    virtual_time=True,
)

TRAITS = Traits(
    returns=("ok", "skip"), endings=("raise", "fail"), recorders=("record", "raise before", "raise after", "raise error"), answers=True
)
CASES = (
    Case(
        "shuffled, stage raises",
        {
            "stages": [
                {"name": "a", "does": [["raise", 1, "KeyError"]]},
            ],
            "stack": [["record", 30], ["record", 2], ["record", 7]],
        },
    ),
    Case(
        "one breaks, one answers",
        {
            "stages": [
                {"name": "a", "does": [["ok", 1]]},
                {"name": "b", "does": [["ok", 2]]},
            ],
            "stack": [["record", 30], ["raise before", 2], ["answer", 7, "a"], ["record", 1]],
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), calls_made)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), calls_made)
