"""In any graph, runs that overlap on it run each its own cleanups, and all of them."""

import itertools

from components.lab.dag_judge import cleanups_run, judge_course
from components.lab.dag_plain import on_plain_together
from components.lab.dag_play import on_target_together
from components.lab.dag_strategy import Dice, Traits, draw_dag, with_causes
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Cleanups of a run are lost, or run by another run of the same graph that overlaps with it",
    claim="Whatever the graph, each of several overlapping runs of it runs the cleanups that its own stages registered, once, in order.",
    source="invariant:isolation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup",
    subsystem="cancellation",
    category="scalability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Under load connections stay open, or are closed while another request still uses them.",
    recommendation="Keep the cancellation token and the cleanups of a run in an object of that run.",
    workaround="Build a graph for each run.",
    virtual_time=True,
)

TRAITS = Traits(most=5, returns=("ok", "dict"), cleanups=2, prefixes=("",))
TWO = {"stages": [{"name": "a", "does": [["ok", 3]]}, {"name": "b", "after": ["a"], "does": [["ok", 9]], "cleanups": 2}]}

CAUSE = "stageflow.pipeline.dag:UnifiedStageGraph.run #state-on-graph"


def features(params):
    """Whether a run begins before another has ended."""
    takes = promised_course(params["graph"]).at / 1000
    begins = sorted(params["delays"])
    overlap = any(later - earlier <= takes + 1 for earlier, later in itertools.pairwise(begins))
    return {"runs overlap"} if overlap else {"one at a time"}


def case_of(params):
    return Case("", params, cause=CAUSE if "runs overlap" in features(params) else "")


CASES = with_causes(
    (
        Case("one run", {"graph": TWO, "delays": [0]}),
        Case("two runs, one after the other", {"graph": TWO, "delays": [0, 200]}),
        Case("two runs that overlap", {"graph": TWO, "delays": [0, 5]}),
    ),
    case_of,
)


def draw_runs(dice):
    """A graph, and when its runs start."""
    return {"graph": draw_dag(dice, TRAITS), "delays": [0, *(dice.number(0, 60) for _ in range(dice.number(0, 3)))]}


def strategy():
    from hypothesis import strategies  # only a search needs it

    return strategies.composite(lambda draw: draw_runs(Dice(lambda low, high: draw(strategies.integers(low, high)))))()


async def judge_cleanups(play, params):
    promised = promised_course(params["graph"])
    for course in await play(params["graph"], params["delays"]):
        judge_course(promised, course, cleanups_run)


async def scenario(params):
    await judge_cleanups(on_target_together, params)


async def control(params):
    await judge_cleanups(on_plain_together, params)
