"""Every module of the package can be imported with the package's required dependencies."""

import importlib

from components.lab.probe import Case, Probe, expect_equal
from components.lab.value_kit import module_names, run_target

PROBE = Probe(
    title="A module that ships with stageflow cannot be imported",
    claim="Every shipped module imports; optional dependencies are not needed for that.",
    source="invariant:packaging",
    component="stageflow",
    subsystem="packaging",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="The part of the framework that lives there cannot be used at all.",
    recommendation="Ship every module that an __init__ imports: stageflow.route needs confidence_router, escalation and loop_detection.",
)


def cases():
    """One case for each direct sub-package or module."""
    parts = sorted({".".join(name.split(".")[:2]) for name in module_names()})
    return [Case(part, {"part": part}, f"{part} ships with stageflow but cannot be imported", part, f"{part} #import") for part in parts]


def failures(names):
    """Names that raise on import, with the exception."""
    failed = []
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            failed.append(f"{name}: {type(error).__name__}")
    return failed


def scenario(params):
    run_target()
    names = [name for name in module_names() if f"{name}.".startswith(f"{params['part']}.") and not name.endswith("__main__")]
    expect_equal(failures(names if params["part"] != "stageflow" else ["stageflow"]), [], "modules that fail to import")


def control(params):
    expect_equal(failures(["json", "asyncio"]), [], "modules of the standard library that fail to import")
