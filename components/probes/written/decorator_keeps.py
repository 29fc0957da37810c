"""What is documented as a decorator leaves something under the decorated name."""

import inspect

from components.lab.probe import Case, Probe, Violation, need
from components.lab.written_kit import workload

PROBE = Probe(
    title="A documented decorator leaves None under the decorated name",
    claim=(
        "What the documentation writes above a class or a function with `@` returns something usable in place of it: "
        "Python binds the name to what the decorator returns, and a name that becomes None can neither be called nor made an instance of."
    ),
    source="invariant:a decorated name stays usable",
    component="stageflow",
    subsystem="api",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=True,
    default_setup=True,
    impact="Whoever follows the documentation loses the class or function that was decorated.",
    recommendation="Return the decorated object.",
    workaround="Define the class or function first and register it in a statement of its own.",
)

STAGE = """
def make():
    async def greet(ctx):
        return None
    return greet
"""
CASES = (
    Case(
        "tool", {"decorator": "stageflow.helpers:track_memory", "documented": ["function"], "settings": {"label": "greet"}, "code": STAGE}
    ),
)


def case_of(params):
    name = params["decorator"].replace(":", ".")
    return Case("", params, f"{name}, documented as a decorator, leaves None under the decorated name", name)


def judge_decorator(decorate, params):
    """Decorate what the workload makes, as `@` would."""
    made = workload(params["code"])["make"]()
    kind = "class" if isinstance(made, type) else "function"
    if not inspect.isfunction(made) and not isinstance(made, type):
        raise ValueError("make() has to return a class or a function")
    if kind not in params["documented"]:
        raise ValueError(f"it is documented above a {' and a '.join(params['documented'])}, not above a {kind}")
    if params.get("settings") is not None:
        decorate = decorate(**params["settings"])
    if decorate(made) is None:
        raise Violation(f"a usable {kind} under the decorated name", "None")


def scenario(params):
    judge_decorator(need(params["decorator"]), params)


def returned_as_it_is(made=None, **settings):
    """A sound decorator, with and without settings."""
    return made if made is not None else returned_as_it_is


def control(params):
    judge_decorator(returned_as_it_is, params)
