"""However pipelines are nested, each child gives one event when it is spawned and one when it has ended."""

from components.lab.dag_judge import child_events, child_events_promised, judge_same
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Events about nested pipelines are missing or doubled",
    claim="However pipelines are nested, each child gives one pipeline.spawned_child event and one event that tells how it ended.",
    source="docs/advanced/subpipelines.md#subpipeline-events",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Child runs cannot be followed, or a failed one looks completed.",
    recommendation="Emit one start and one end event per spawn.",
    virtual_time=True,
)

# parents that end while a child is working are what subpipeline/parent_cancel_reaches_child and dag/failed_run_stops_siblings are about
TRAITS = Traits(most=5, returns=("ok", "skip"), children=3, prefixes=("",))
CHILD = {"stages": [{"name": "b", "does": [["raise", 2, "KeyError"]]}]}
CASES = (
    Case("child raises", {"stages": [{"name": "a", "does": [["ok", 3]], "child": CHILD}]}),
    Case(
        "child and grandchild",
        {"stages": [{"name": "a", "does": [["ok", 3]], "child": {"stages": [{"name": "b", "does": [["ok", 2]], "child": CHILD}]}}]},
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def judge_events(play, params):
    promised = promised_course(params)
    if not promised.unclear:
        judge_same(child_events_promised(promised), child_events(await play(params)))


async def scenario(params):
    await judge_events(on_target, params)


async def control(params):
    await judge_events(on_plain, params)
