"""Ports are fixed once made."""

import dataclasses

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import raised

PROBE = Probe(
    title="Ports can be changed by a stage that holds them",
    claim="Ports are frozen: assigning a field raises, and unknown fields cannot be added.",
    source="invariant:no mutation",
    component="stageflow.stages.ports.CorePorts",
    subsystem="ports",
    category="security",
    type="security",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="One stage exchanges the database or model of all others.",
    recommendation="Keep the dataclasses frozen and slotted.",
)

CASES = tuple(
    Case(name, {"name": name, "factory": factory}, component=f"stageflow.stages.ports.{name}")
    for name, factory in (("CorePorts", "create_core_ports"), ("LLMPorts", "create_llm_ports"), ("AudioPorts", "create_audio_ports"))
)


def check(made):
    """The error of assigning each field and a new one."""
    names = [field.name for field in dataclasses.fields(made)]
    open_fields = [name for name in [*names, "extra"] if not raised(setattr, made, name, "other")]
    expect_equal(open_fields, [], "fields that can be assigned")


def scenario(params):
    made = need(f"stageflow.stages.ports:{params['factory']}")()
    expect_equal(type(made).__name__, params["name"], "type of the ports")
    check(made)


@dataclasses.dataclass(frozen=True, slots=True)
class Ports:
    """Stand-in."""

    db: object = None


def control(params):
    check(Ports())
