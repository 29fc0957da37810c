"""However pipelines are nested, no stage of a child starts long after the outermost run was called off."""

from components.lab.dag_judge import PATIENCE, judge_same, starts_below
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, slowed, with_causes
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Nested pipelines go on starting stages although the run that spawned them was called off",
    claim="Parent cancellation cascades: 10 seconds after the outermost context was cancelled no stage of a nested run starts any more.",
    source="docs/advanced/subpipelines.md#cancellation-propagation",
    component="stageflow.stages.context.PipelineContext.fork",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A request that was called off goes on doing all of its delegated work.",
    recommendation="Let run() wait for a cancellation signal along with its tasks, and a forked context ask its parent.",
    workaround="Keep the child contexts and cancel them with cancel_with_children(contexts=…).",
    virtual_time=True,
)

TRAITS = Traits(most=5, returns=("ok",), children=2, called_off=True, prefixes=("",))
CHAIN = [{"name": f"s{n}", "after": [f"s{n - 1}"] if n else [], "does": [["ok", 6000]]} for n in range(4)]

CAUSE = "stageflow.pipeline.dag:UnifiedStageGraph.run #cancel-while-waiting"


def whole_course(params):
    return promised_course({name: value for name, value in params.items() if name != "cancel_at"})


def late_starts(params, course):
    """Starts in nested runs that come too late: execution to a word."""
    limit = params["cancel_at"] * 1000 + PATIENCE
    return {f"start of {label}": "after the run was called off" for label, moment in starts_below(course).items() if moment > limit}


def features(params):
    """Whether a child would start stages later, if nobody stopped it, and none of its parent's stages ends soon."""
    promised = promised_course(params)
    unnoticed = promised.latest > promised.at + PATIENCE
    return {"a child starts stages later"} if unnoticed and late_starts(params, whole_course(params)) else {"children are done"}


def case_of(params):
    return Case("", params, cause=CAUSE if "a child starts stages later" in features(params) else "")


CASES = with_causes(
    (
        Case(
            "called off after the child",
            {"stages": [{"name": "a", "does": [["ok", 3000]], "child": {"stages": CHAIN}}], "cancel_at": 26_000},
        ),
        Case(
            "called off with the first stage",
            {"stages": [{"name": "a", "does": [["ok", 3000]], "child": {"stages": CHAIN}}], "cancel_at": 1000},
        ),
    ),
    case_of,
)


def strategy():
    return drawn(TRAITS).map(slowed)


async def scenario(params):
    judge_same({}, late_starts(params, await on_target(params)))


async def control(params):
    judge_same({}, late_starts(params, await on_plain(params)))
