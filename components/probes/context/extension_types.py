"""A typed extension bundle keeps nested dataclasses on the way through a stored snapshot, as its documentation says."""

import dataclasses

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised, through_json

PROBE = Probe(
    title="ExtensionBundle says from_dict works with nested dataclasses, but a nested dataclass comes back as dict",
    claim="'The bundle provides serialization support via to_dict() and from_dict() methods that work with nested dataclasses.'",
    source="docstring:stageflow.context.extensions.ExtensionBundle",
    component="stageflow.context.ExtensionBundle.from_dict",
    subsystem="context",
    category="silent_failures",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="snapshot.extensions.deal.value works in the first run and raises AttributeError in the replay.",
    recommendation="Rebuild nested dataclasses from the field annotations, or say in the class docstring, as the one of from_dict does, "
    "that such bundles must override from_dict.",
    workaround="Override from_dict in the bundle.",
    cause="stageflow.context.extensions:ExtensionBundle.from_dict",
)


@dataclasses.dataclass(frozen=True)
class Deal:
    amount: int = 0


VALUES = {"plain": 3, "nested dataclass": Deal(5)}
CASES = tuple(Case(name, {"value": name}) for name in VALUES)


@promised
def scenario(params):
    value = VALUES[params["value"]]
    base = need("stageflow.context:ExtensionBundle")
    bundle = dataclasses.make_dataclass("Bundle", [("value", type(value))], bases=(base,), frozen=True)
    snapshot = need("stageflow.context:ContextSnapshot")
    stored = through_json(snapshot(extensions=bundle(value)).to_dict())
    restored = snapshot.from_dict(stored, extension_types={"Bundle": bundle})
    expect_equal(type(restored.extensions.value).__name__, type(value).__name__, "type of the value after the round trip")


def control(params):
    value = VALUES[params["value"]]
    expect_equal(type(dataclasses.replace(Deal(), amount=value).amount).__name__, type(value).__name__, "type of the value")
