"""A call whose arguments are what the annotations ask for does not break inside the target."""

from components.lab.probe import Case, Probe
from components.lab.written_kit import declared_call, judge_call

PROBE = Probe(
    title="A call that the annotations allow breaks inside stageflow",
    claim=(
        "A call whose arguments are all of the annotated types gives a result or an error that is raised on purpose; "
        "it never ends in an AttributeError, NameError or TypeError that Python raises because stageflow's own code is wrong."
    ),
    source="invariant:annotations are promises",
    component="stageflow",
    subsystem="api",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Code that a type checker accepts fails at run time.",
    recommendation="Make the call work, or refuse the argument with an error that names it.",
)

ACCEPTED = """
from stageflow import StageOutput

def call():
    return StageOutput.ok, (), {}
"""
CASES = (Case("ok without data", {"call": "stageflow:StageOutput.ok", "code": ACCEPTED}),)


def case_of(params):
    name = params["call"].replace(":", ".")
    return Case("", params, f"{name} breaks on a call that its annotations allow", name)


async def scenario(params):
    called, args, keywords = declared_call(params)
    await judge_call(called, args, keywords)


def anything(*args, **keywords):
    """Takes every call."""


async def control(params):
    _, args, keywords = declared_call(params)
    await judge_call(anything, args, keywords)
