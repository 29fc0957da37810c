"""The default memory configuration is the documented one."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import run_target

PROBE = Probe(
    title="MemoryConfig has other defaults than released",
    claim="By default 20 entries and 4000 tokens are fetched, system messages included, from any time.",
    source="docstring:stageflow.helpers.memory.MemoryConfig",
    component="stageflow.helpers.MemoryConfig",
    subsystem="memory",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Conversations get shorter or costlier without a change of configuration.",
    recommendation="Keep the defaults, or announce the change.",
)

CASES = tuple(
    Case(name, {"field": name, "default": default})
    for name, default in (("max_entries", 20), ("max_tokens", 4000), ("include_system", True), ("recency_window_seconds", 0))
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


@promised
def scenario(params):
    run_target()
    expect_equal(getattr(need("stageflow.helpers:MemoryConfig")(), params["field"]), params["default"], f"default of {params['field']}")


def control(params):
    expect_equal(params["default"], params["default"], "a literal")
