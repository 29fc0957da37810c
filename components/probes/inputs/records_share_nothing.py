"""Two pipeline records built with defaults share no list, dict or set."""

import dataclasses

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.record_kit import build, dataclasses_of

PROBE = Probe(
    title="Two pipeline records built with defaults share a container",
    claim="A default container belongs to one object: what is put into one does not appear in another.",
    source="invariant:isolation",
    component="stageflow.pipeline.pipeline.Pipeline",
    subsystem="inputs",
    category="security",
    type="bug",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Data of one request or pipeline shows up in another.",
    recommendation="Use field(default_factory=…).",
)

PLACES = ("stageflow.core", "stageflow.pipeline", "stageflow.cli", "stageflow.stages.inputs", "stageflow.stages.payloads")


def with_factories(record):
    return any(item.default_factory is not dataclasses.MISSING for item in dataclasses.fields(record))


def cases():
    names = [name for place in PLACES for name in found_in(place)]
    return [
        Case(name.removeprefix("stageflow.").replace(":", "."), {"record": name}, component=name.replace(":", "."))
        for name in dict.fromkeys(names)
        if buildable_name(name)
    ]


def found_in(place):
    try:
        need(place)
    except NotApplicable:
        return []
    return dataclasses_of(place, with_factories)


def buildable_name(name):
    try:
        build(need(name), "default")
    except Exception:
        return False
    return True


def shared_parts(first, second):
    pairs = [(item.name, getattr(first, item.name), getattr(second, item.name)) for item in dataclasses.fields(first)]
    return [name for name, one, other in pairs if isinstance(one, list | dict | set) and one is other]


def scenario(params):
    need("stageflow:StageOutput").ok()  # generated dataclass code does not count as a call of the target
    first, second = (build(need(params["record"]), "default") for _ in range(2))
    expect_equal(shared_parts(first, second), [], "containers shared by two records")


@dataclasses.dataclass
class Unshared:
    items: list = dataclasses.field(default_factory=list)


def control(params):
    expect_equal(shared_parts(Unshared(), Unshared()), [], "containers shared by two records")
