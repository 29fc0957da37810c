"""Every name that a module says it exports is there."""

import importlib

from components.lab.probe import Case, NotApplicable, Probe, expect_equal
from components.lab.value_kit import module_names, run_target

PROBE = Probe(
    title="A module exports a name that it does not have",
    claim="Each name in __all__ is an attribute of the module, so that a star import works.",
    source="invariant:packaging",
    component="stageflow",
    subsystem="packaging",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Documented imports and star imports fail.",
    recommendation="Keep __all__ and the module's imports in step.",
)


def cases():
    """One case for each direct sub-package or module."""
    return [Case(part, {"part": part}, component=part) for part in sorted({".".join(name.split(".")[:2]) for name in module_names()})]


def wrong_exports(module):
    return [f"{module.__name__}.{name}" for name in getattr(module, "__all__", []) if not hasattr(module, name)]


def scenario(params):
    run_target()
    wrong = []
    for name in [name for name in module_names() if f"{name}.".startswith(f"{params['part']}.") and not name.endswith("__main__")]:
        if params["part"] == "stageflow" and name != "stageflow":
            continue
        try:
            wrong += wrong_exports(importlib.import_module(name))
        except ImportError as error:
            raise NotApplicable(f"{name}: {error}") from error
    expect_equal(wrong, [], "names in __all__ that are missing")


def control(params):
    expect_equal(wrong_exports(importlib.import_module("json")), [], "the same of a standard library module")
