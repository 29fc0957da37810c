"""In any graph of slow stages, a run that is called off ends soon."""

from components.lab.dag_judge import PATIENCE, in_time, judge_course
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, with_causes
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="A run that is called off goes on until one of its stages happens to end",
    claim="Whatever the graph and whatever its stages wait for, the run has ended 10 seconds after PipelineContext.mark_canceled().",
    source="docs/guides/context.md#cooperative-cancellation",
    component="stageflow.stages.context.PipelineContext.mark_canceled",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="A user's stop request has no effect until one of the running stages has finished.",
    recommendation="Let run() wait for a cancellation signal along with its tasks.",
    workaround="Call ctx.cancellation_checkpoint() often inside long stages.",
    virtual_time=True,
)

# without polling stages, and none that takes longer than the 30 seconds of the default time-out
TRAITS = Traits(most=6, returns=("ok", "dict"), called_off=True, prefixes=("",))

CAUSE = "stageflow.pipeline.dag:UnifiedStageGraph.run #cancel-while-waiting"


def features(params):
    promised = promised_course(params)
    return {"nothing ends soon"} if promised.latest > promised.at + PATIENCE else {"a stage ends soon"}


def case_of(params):
    return Case("", params, cause=CAUSE if "nothing ends soon" in features(params) else "")


CASES = with_causes(
    (
        Case("a stage ends in time", {"stages": [{"name": "a", "does": [["ok", 9000]]}], "cancel_at": 4000}),
        Case("a stage of 25 s", {"stages": [{"name": "a", "does": [["ok", 25_000]]}], "cancel_at": 4000}),
    ),
    case_of,
)


def of_two_speeds(params):
    """The same graph with stages of 4 s at most and of 25 s, called off within 6 s."""
    stages = [{**row, "does": [[verb, 25_000 if ms > 10 else 400 * ms] for verb, ms in row["does"]]} for row in params["stages"]]
    return {**params, "stages": stages, "cancel_at": params["cancel_at"] * 100}


def strategy():
    return drawn(TRAITS).map(of_two_speeds)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), in_time)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), in_time)
