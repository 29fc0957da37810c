"""In any graph, each skipped stage is reported to the event sink once, with its reason."""

from components.lab.dag_judge import judge_course, skip_events
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Skipped stages are not reported once each with their reason",
    claim="Whatever the graph, every stage that is skipped gives one stage.<name>.skipped event with the reason.",
    source="invariant:telemetry",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Nobody can tell why work was not done.",
    recommendation="Emit one event where a stage's output becomes SKIP.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "skip"), endings=("fail", "cancel"), defaults=True)
CASES = (
    Case("skip", {"stages": [{"name": "a", "does": [["ok", 3]]}, {"name": "b", "after": ["a"], "does": [["skip", 2, "not needed"]]}]}),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), skip_events)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), skip_events)
