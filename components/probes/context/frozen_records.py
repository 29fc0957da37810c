"""The records a stage gets to see cannot be changed."""

import dataclasses

from components.lab.probe import Case, Probe, Violation, need
from components.lab.record_kit import build, promised

PROBE = Probe(
    title="A field of an immutable context record can be set",
    claim="Snapshots and the records inside them are frozen: setting or deleting a field fails.",
    source="docs/guides/context.md#1-keep-snapshots-immutable",
    component="stageflow.context.ContextSnapshot",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="One stage can change what every later stage of the run is given.",
    recommendation="Keep the dataclass frozen.",
)

PLACES = {
    "ContextSnapshot": lambda snapshot: snapshot,
    "RunIdentity": lambda snapshot: snapshot.run_id,
    "Enrichments": lambda snapshot: snapshot.enrichments,
    "ProfileEnrichment": lambda snapshot: snapshot.profile,
    "MemoryEnrichment": lambda snapshot: snapshot.memory,
    "DocumentEnrichment": lambda snapshot: snapshot.documents[0],
    "Conversation": lambda snapshot: snapshot.conversation,
    "Message": lambda snapshot: snapshot.messages[0],
    "RoutingDecision": lambda snapshot: snapshot.routing_decision,
}

CASES = tuple(
    Case(name, {"record": name}, component=f"stageflow.context.{name}", title=f"A field of the immutable {name} can be set")
    for name in PLACES
)


@dataclasses.dataclass(frozen=True)
class Frozen:
    name: str = "x"


def changes(record):
    """Names of the fields that could be set or deleted."""
    changed = []
    for item in dataclasses.fields(record):
        value = getattr(record, item.name)
        for attempt in (lambda name=item.name, value=value: setattr(record, name, value), lambda name=item.name: delattr(record, name)):
            try:
                attempt()
            except (AttributeError, TypeError):
                continue
            changed.append(item.name)
    return changed


def verdict(record):
    changed = changes(record)
    if changed:
        raise Violation("every attempt to set or delete a field raises", f"{changed[0]} could be set or deleted")


@promised
def scenario(params):
    snapshot = build(need("stageflow.context:ContextSnapshot"), "filled")
    assert snapshot.user_id
    verdict(PLACES[params["record"]](snapshot))


def control(params):
    verdict(Frozen(params["record"]))
