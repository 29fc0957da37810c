"""The flat properties of a snapshot show what the composed records hold."""

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, difference, promised

PROBE = Probe(
    title="A flat property of ContextSnapshot differs from the record behind it",
    claim="pipeline_run_id, messages, profile and the other flat properties give access to the fields of the composed records.",
    source="docstring:stageflow.context.context_snapshot",
    component="stageflow.context.ContextSnapshot",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage that reads the flat property works for another user, session or conversation.",
    recommendation="Return the field of the same name.",
)

IDENTITY = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id")
TALK = ("messages", "routing_decision")
ENRICHED = ("profile", "memory", "documents", "web_results")
OWNERS = {**dict.fromkeys(IDENTITY, "run_id"), **dict.fromkeys(TALK, "conversation"), **dict.fromkeys(ENRICHED, "enrichments")}

CASES = tuple(
    Case(
        f"{name}{' of an empty snapshot' if empty else ''}",
        {"name": name, "empty": empty},
        component=f"stageflow.context.ContextSnapshot.{name}",
    )
    for empty in (True, False)
    for name in OWNERS
)


def behind(snapshot, name):
    """What the composed record says; empty when there is none."""
    owner = getattr(snapshot, OWNERS[name])
    if owner is None:
        return [] if name in ("messages", "documents", "web_results") else None
    return getattr(owner, name)


def verdict(read, params):
    snapshot = build(need("stageflow.context:ContextSnapshot"), "default" if params["empty"] else "filled")
    found = difference(behind(snapshot, params["name"]), read(snapshot, params["name"]), params["name"])
    expect(not found, "the value of the composed record", found)


@promised
def scenario(params):
    verdict(getattr, params)


def control(params):
    verdict(behind, params)
