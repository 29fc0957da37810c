"""No module keeps something of every call: its lists, dicts and sets do not grow when the same call is made again."""

import importlib

from components.lab.growth_kit import growing_calls
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import modules_of_target

PROBE = Probe(
    title="A module keeps something of every call",
    claim="A call that is made again with the same values leaves no further entry in the lists, dicts and sets of the module: not in its "
    "globals, classes, default arguments or single instances.",
    source="invariant:no leak",
    component="stageflow",
    subsystem="leaks",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="A long-lived service grows with every request until it is killed, and keeps what belonged to one request for all others.",
    recommendation="Keep nothing per call at module or class level, or bound it.",
    virtual_time=True,
)


def cases():
    names = [module.__name__ for module in modules_of_target() if defines_something(module)]
    return tuple(Case(name, {"module": name}, f"{name} keeps something of every call", name) for name in names)


def defines_something(module):
    """The module has functions or classes of its own."""
    return any(getattr(value, "__module__", "") == module.__name__ and not name.startswith("_") for name, value in vars(module).items())


async def scenario(params):
    module = need(params["module"])
    need("stageflow:StageOutput").ok()  # not every module has something to call
    expect_equal(await growing_calls(module), [], "calls after which a container of the module holds more")


async def control(params):
    expect_equal(await growing_calls(importlib.import_module("json")), [], "calls after which a container of a sound module holds more")
