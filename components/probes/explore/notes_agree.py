"""In any graph, every event that a stage emits reaches the run's sink once, in order."""

from components.lab.dag_judge import judge_course, notes_told
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Events that stages emit are lost, doubled or out of order",
    claim=("Whatever the graph and however the run ends, what stages emit through their context reaches the event sink once and in order."),
    source="docs/api/events.md#emitting-events-from-stages",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="events",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Progress and audit events cannot be relied on.",
    recommendation="Hand every event on to the sink at once.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "none", "skip"), endings=("raise", "fail", "cancel"), notes=3, defaults=True)
CASES = (
    Case(
        "two stages",
        {
            "stages": [
                {"name": "a", "does": [["ok", 3]], "notes": 2},
                {"name": "b", "after": ["a"], "does": [["fail", 2, "no good"]], "notes": 1},
            ]
        },
    ),
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), notes_told)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), notes_told)
