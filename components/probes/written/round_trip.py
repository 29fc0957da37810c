"""What a type's own dictionary form names comes back from it."""

import json

from components.lab.probe import Case, Probe, Violation, need
from components.lab.written_kit import workload
from components.lab.written_types import whole

PROBE = Probe(
    title="A value does not survive its own dictionary form",
    claim=(
        "A type that has both `to_dict` and `from_dict` takes back the dictionary it has made, and every field that stands in "
        "that dictionary under its own name has the same value afterwards."
    ),
    source="invariant:round trip",
    component="stageflow",
    subsystem="api",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="What is stored or sent as a dictionary comes back changed.",
    recommendation="Read every key in `from_dict` that `to_dict` writes.",
)

IDENTITY = """
from uuid import UUID
from stageflow.context import RunIdentity

def make():
    return RunIdentity(request_id=UUID(int=1), user_id=UUID(int=2))
"""
CASES = (Case("run identity", {"type": "stageflow.context:RunIdentity", "code": IDENTITY}),)


def case_of(params):
    name = params["type"].replace(":", ".")
    return Case("", params, f"{name} loses data on the way through to_dict and from_dict", f"{name}.from_dict")


def judge_round_trip(made, to_dict, from_dict):
    """There and back, and compare the fields that the dictionary names."""
    told = to_dict(made)
    try:
        back = from_dict(told)
    except Exception as error:
        raise Violation("a value made from its own dictionary", f"{type(error).__name__} raised in from_dict()") from error
    for name in sorted(told):
        if isinstance(name, str) and hasattr(made, name):
            before, after = (json.dumps(getattr(each, name, None), default=repr, sort_keys=True) for each in (made, back))
            if before != after:
                raise Violation(f"{name} = {before[:200]}", f"{name} = {after[:200]}")


def made_for(params):
    """The value of the case, when it is certain that it is as its annotations say."""
    kind = need(params["type"])
    made = workload(params["code"])["make"]()
    if type(made) is not kind or not whole(made, kind):
        raise ValueError(f"make() has to return a {params['type']} whose fields are all as annotated")
    return made


def scenario(params):
    made = made_for(params)
    judge_round_trip(made, lambda one: one.to_dict(), type(made).from_dict)


class Kept:
    """A value that only has what its dictionary names."""

    def __init__(self, fields):
        self.__dict__.update(fields)


def control(params):
    told = made_for(params).to_dict()
    judge_round_trip(Kept(told), lambda one: dict(told), Kept)
