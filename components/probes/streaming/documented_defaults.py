"""Defaults of the streaming classes are the documented ones."""

import inspect

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A default differs from the documented one",
    claim="The API reference of the helpers gives the defaults of each constructor.",
    source="docs/api/helpers.md#backpressuremonitor",
    component="stageflow.helpers.BackpressureMonitor.__init__",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Programs that rely on the documentation throttle, block or drop at other levels.",
    recommendation="Use the documented value, or change the documentation with it.",
)

DEFAULTS = {
    "BackpressureMonitor": {"high_water_mark": 80, "low_water_mark": 20},
    "RealtimeStageBus": {"default_max_size": 100, "default_drop_on_overflow": False, "event_emitter": None},
    "create_realtime_stage_context": {"bus": None, "bus_max_size": 100, "bus_drop_on_overflow": False},
}
CASES = tuple(
    Case(name, {"of": name, "defaults": defaults}, f"A default of {name} differs from the documented one", f"stageflow.helpers.{name}")
    for name, defaults in DEFAULTS.items()
)


def verdict(found, defaults):
    given = inspect.signature(found).parameters
    expect_equal({name: given[name].default for name in defaults}, defaults, "defaults")


@promised
def scenario(params):
    need("stageflow.context:RunIdentity")().to_dict()
    verdict(need(f"stageflow.helpers:{params['of']}"), params["defaults"])


def control(params):
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value) for name, value in params["defaults"].items()]
    given = inspect.Signature(parameters).parameters
    expect_equal({name: given[name].default for name in params["defaults"]}, params["defaults"], "defaults")
