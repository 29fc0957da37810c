"""In any graph and any number of runs, a stage registered as a class is made anew for each execution."""

from components.lab.dag_judge import judge_course, object_ages
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="A stage registered as a class is not instantiated for each execution",
    claim=(
        "Whatever the graph, each execution of a stage that was registered as a class, in each run and each retry, works "
        "on an object of its own."
    ),
    source="docs/guides/stages.md#using-instances-vs-classes",
    component="stageflow.Pipeline.build",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="What one request leaves in a stage is seen by the next one, perhaps of another tenant.",
    recommendation="Instantiate the class in the runner, not when the graph is built.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "skip"), forms=("class",), guards=2, most=5)
CASES = (
    Case(
        "two stages",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]], "form": "class"},
                {"name": "b", "after": ["a"], "does": [["dict", 2]], "form": "class"},
            ]
        },
    ),
    Case(
        "guard retry",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]], "form": "class"},
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
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params, times=2), object_ages)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), object_ages)
