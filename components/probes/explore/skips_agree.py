"""In any graph, exactly the conditional stages behind a reason to skip are skipped."""

from components.lab.dag_judge import judge_course, statuses
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded, with_causes
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="In some graphs a conditional stage runs although a stage it depends on was skipped or gave a reason to skip",
    claim=(
        "Whatever the graph, a conditional stage is skipped when a stage it depends on was skipped or gives a "
        "skip_reason; all other stages run."
    ),
    source="docs/guides/pipelines.md#conditional-stages",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Branches that were switched off do their work, or needed ones do not.",
    recommendation='Look at upstream outputs with status SKIP besides data["skip_reason"].',
    workaround='Return StageOutput.skip(reason, data={"skip_reason": reason}).',
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "skip"), conditional=("quota", "closed"), most=6)

CAUSE = "stageflow.pipeline.dag:UnifiedStageGraph._run_stage #skip-reason"


def features(params):
    results = promised_course(params).results
    skipped = {name for name, (status, _) in results.items() if status == "skip"}
    told = {row["name"] for row in params["stages"] if row.get("data")} - skipped
    stages = [row for row in params["stages"] if row.get("conditional")]
    known = any(skipped.intersection(row["after"]) and not told.intersection(row["after"]) for row in stages)
    return {"behind a skipped stage"} if known else {"a reason in the data"}


def case_of(params):
    return Case("", params, cause=CAUSE if "behind a skipped stage" in features(params) else "")


CASES = with_causes(
    (
        Case(
            "reason given",
            {
                "stages": [
                    {"name": "a", "does": [["ok", 3]], "data": {"skip_reason": "quota"}},
                    {"name": "b", "after": ["a"], "does": [["ok", 3]], "conditional": True},
                    {"name": "c", "after": ["a"], "does": [["ok", 2]]},
                ]
            },
        ),
        Case(
            "behind a skipped stage",
            {
                "stages": [
                    {"name": "a", "does": [["skip", 3, "not needed"]]},
                    {"name": "b", "after": ["a"], "does": [["ok", 3]], "conditional": True},
                ]
            },
        ),
        *seeded(TRAITS, 5),
    ),
    case_of,
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), statuses)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), statuses)
