"""In any graph, a run that works leaves no keys of the default interceptors in the context's data."""

from components.lab.dag_judge import judge_course, keys_left
from components.lab.dag_plain import on_plain
from components.lab.dag_play import on_target
from components.lab.dag_strategy import Traits, drawn, seeded
from components.lab.probe import Case, Probe
from components.lab.reference import promised_course

PROBE = Probe(
    title="Private keys of the default interceptors stay in the context's data after some runs that work",
    claim="Whatever the graph, after a run that works the context's data holds no keys that only the interceptors use.",
    source="docs/guides/interceptors.md#4-clean-up-in-after",
    component="stageflow.pipeline.interceptors.get_default_interceptors",
    subsystem="interceptors",
    category="reliability",
    type="bug",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Whoever reads, stores or forks the context gets keys that belong to nobody, and old state acts on later runs.",
    recommendation="Remove in after() what before() has set, for each stage.",
    virtual_time=True,
)

TRAITS = Traits(returns=("ok", "dict", "none", "skip"), conditional=("quota",), most=6)
GUARDED = Traits(returns=("ok", "dict"), guards=2, most=5)
DEFAULTS = {"stack": [["default", 0]]}
CASES = (
    Case("one stage", {"stages": [{"name": "a", "does": [["ok", 3]]}], **DEFAULTS}),
    Case("two at once", {"stages": [{"name": "a", "does": [["ok", 3]]}, {"name": "b", "does": [["skip", 9, "not needed"]]}], **DEFAULTS}),
    *(Case(case.id, {**case.params, **DEFAULTS}) for case in seeded(TRAITS, 3)),
    *(Case(f"guards, {case.id}", {**case.params, **DEFAULTS}) for case in seeded(GUARDED, 3)),
)


def strategy():
    return (drawn(TRAITS) | drawn(GUARDED)).map(lambda params: {**params, **DEFAULTS})


async def scenario(params):
    judge_course(promised_course(params), await on_target(params), keys_left)


async def control(params):
    judge_course(promised_course(params), await on_plain(params), keys_left)
