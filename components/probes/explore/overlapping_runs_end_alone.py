"""In any graph, runs that overlap on it end each as it would alone."""

from components.lab.dag_judge import judge_course, run_outcome
from components.lab.dag_plain import on_plain_together
from components.lab.dag_play import on_target_together
from components.lab.dag_strategy import Dice, Traits, draw_dag, with_causes
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="A run ends otherwise than it would alone, because another run of the same graph overlaps with it",
    claim="Whatever the graph, each of several overlapping runs of it ends as its own stages decide, with the same reason.",
    source="invariant:isolation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="scalability",
    type="reliability",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Under load one customer's request is stopped because another one's has failed.",
    recommendation="Keep the cancellation token and the cleanups of a run in an object of that run.",
    workaround="Build a graph for each run.",
    virtual_time=True,
)

TRAITS = Traits(most=5, returns=("ok", "dict", "skip"), endings=("raise", "cancel"), tidy=20, prefixes=("",))
WORKS = {"stages": [{"name": "a", "does": [["ok", 3]]}, {"name": "b", "after": ["a"], "does": [["ok", 9]]}]}
TIDIES = {"name": "b", "does": [["ok", 9]], "tidy": 50}
FAILS = {"stages": [{"name": "a", "does": [["raise", 3, "KeyError"]]}, TIDIES, {"name": "c", "does": [["ok", 2]]}]}

CAUSE = "stageflow.pipeline.dag:UnifiedStageGraph.run #state-on-graph"


def features(params):
    """Whether runs end before all of their stages have."""
    return {"all runs work"} if promised_course(params["graph"]).ends == "ok" else {"a run is stopped"}


def case_of(params):
    return Case("", params, cause=CAUSE if "a run is stopped" in features(params) else "")


CASES = with_causes(
    (
        Case("two that work", {"graph": WORKS, "delays": [0, 5]}),
        Case("two that fail one after the other", {"graph": FAILS, "delays": [0, 2]}),
        Case("three that work", {"graph": WORKS, "delays": [0, 1, 30]}),
    ),
    case_of,
)


def draw_runs(dice):
    """A graph, and when its runs start; stages may tidy up when they are stopped."""
    return {"graph": draw_dag(dice, TRAITS), "delays": [0, *(dice.number(0, 60) for _ in range(dice.number(1, 3)))]}


def strategy():
    from hypothesis import strategies  # only a search needs it

    return strategies.composite(lambda draw: draw_runs(Dice(lambda low, high: draw(strategies.integers(low, high)))))()


async def judge_runs(play, params):
    promised = promised_course(params["graph"])
    for course in await play(params["graph"], params["delays"]):
        judge_course(promised, course, run_outcome)


async def scenario(params):
    await judge_runs(on_target_together, params)


async def control(params):
    await judge_runs(on_plain_together, params)
