"""Whether a conditional stage is skipped does not depend on which of its dependencies ends first."""

import itertools

from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import with_causes
from components.lab.probe import Case, Probe, expect

PROBE = Probe(
    title="Whether a conditional stage is skipped depends on which of its dependencies ends first",
    claim="The same graph with the same outputs skips the same conditional stages, in whatever order their dependencies complete.",
    source="invariant:order independence",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A branch that was switched off does its work whenever another dependency, whose skip_reason is None, happens to be faster.",
    recommendation="Look for a skip_reason in the outputs of all dependencies; now the first one that has the key decides.",
    workaround="Leave the key skip_reason out of outputs that have no reason to give.",
    virtual_time=True,
)

CAUSE = "stageflow.pipeline.dag:UnifiedStageGraph._run_stage #first-skip-reason"


def features(params):
    reasons = params["reasons"]
    mixed = {"quota", "closed"}.intersection(reasons) and None in reasons
    return {"None beside a reason"} if mixed else {"reasons of one kind"}


def case_of(params):
    return Case("", params, cause=CAUSE if "None beside a reason" in features(params) else "")


CASES = with_causes(
    (
        Case("one gives a reason, one has none", {"reasons": ["quota", "absent"]}),
        Case("both give a reason", {"reasons": ["quota", "closed"]}),
        Case("one gives a reason, one None", {"reasons": ["quota", None]}),
        Case("one of each", {"reasons": ["quota", None, "absent"]}),
    ),
    case_of,
)


def strategy():
    from hypothesis import strategies  # only a search needs it

    return strategies.fixed_dictionaries(
        {"reasons": strategies.lists(strategies.sampled_from(["absent", "quota", "closed", None]), min_size=1, max_size=4)}
    )


def ordered(reasons, order):
    """A conditional stage behind stages that give these reasons and end in this order."""
    stages = []
    for place, index in enumerate(order):
        data = {} if reasons[index] == "absent" else {"skip_reason": reasons[index]}
        stages.append({"name": f"dependency {index}", "does": [["ok", 5 * place]], "data": data})
    last = {"name": "last", "after": [row["name"] for row in stages], "does": [["ok", 1]], "conditional": True}
    return {"stages": [*stages, last]}


async def judge_decisions(play, params):
    reasons, decisions = params["reasons"], set()
    for order in itertools.permutations(range(len(reasons))):
        course = await play(ordered(reasons, order))
        decisions.add(course.results["last"][0] if "last" in course.results else course.ends)
    expect(len(decisions) == 1, "one decision, whichever dependency ends first", f"{' or '.join(sorted(decisions))}, by which ends first")


async def scenario(params):
    await judge_decisions(on_target, params)


async def control(params):
    await judge_decisions(on_plain, params)
