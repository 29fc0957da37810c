"""Whatever happens in a run, the context variables of its caller have the values they had."""

from components.lab.dag_examples import DIAMOND, RAISES_BESIDE
from components.lab.dag_judge import judge_course, variables_changed
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="A run leaves context variables of its caller changed",
    claim=("Whatever the graph and however the run ends, after run() every context variable of the caller has the value it had before."),
    source="invariant:isolation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Later work of the same task carries the ids or the sink of another run.",
    recommendation="Reset every ContextVar token in a finally block.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "skip", "none"), endings=("raise", "fail", "cancel"), cleanups=1, notes=1, guards=2, defaults=True, most=5)
CASES = (
    DIAMOND,
    RAISES_BESIDE,
    *seeded(TRAITS, 5),
)


def strategy():
    return drawn(TRAITS)


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), variables_changed)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), variables_changed)
