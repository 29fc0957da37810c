"""PipelineContext.create hands every argument to the context, and takes copies of what can change."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import difference, promised, sample

PROBE = Probe(
    title="PipelineContext.create loses an argument",
    claim="PipelineContext.create(...) gives a context with the values it was called with.",
    source="docstring:stageflow.stages.context.PipelineContext.create",
    component="stageflow.stages.context.PipelineContext.create",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Pipeline.run(key=value) ignores what the caller passed.",
    recommendation="Pass every argument on to the constructor.",
)

IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id")
REST = ("topology", "configuration", "execution_mode", "input_text", "input_audio_duration_ms", "metadata", "created_at", "service", "data")
HANDED = ("conversation", "enrichments", "extensions", "db", "canceled", "artifacts")
KINDS = {"conversation": "Conversation", "enrichments": "Enrichments"}
PLAIN_VALUES = {"artifacts": ["x"], "extensions": {"locale": "en"}, "db": "handle"}
MAPPINGS = dict.fromkeys(("configuration", "metadata", "data"), dict[str, Any])
KIND_OF = {"created_at": datetime, "canceled": bool, "input_audio_duration_ms": int, **MAPPINGS}

BRIDGED = ("configuration", "service", "data", "db", "canceled", "artifacts")
BRIDGE = "stageflow.stages.context.PipelineContext.from_snapshot"
CASES = (
    *(Case(name, {"field": name}) for name in IDS + REST + HANDED),
    *(Case(f"from_snapshot {name}", {"field": name, "bridge": True}, component=BRIDGE) for name in BRIDGED),
    Case("nothing given", {"field": ""}),
    Case("from_snapshot nothing given", {"field": "", "bridge": True}, component=BRIDGE),
)


BORN = datetime(2024, 1, 2, tzinfo=UTC)


def value_for(field):
    """A telling value for the argument."""
    if field in KINDS:
        return sample(need(f"stageflow.context:{KINDS[field]}"), field, True)
    if field in PLAIN_VALUES:
        return PLAIN_VALUES[field]
    return sample(UUID if field in IDS else KIND_OF.get(field, str), field, True)


def verdict(make, field):
    value = value_for(field)
    found = difference(value, getattr(make(**{field: value}), field), field)
    expect(not found, f"{field} as passed", found)


def verdict_on_defaults(make, born):
    """A context for which nothing is given is one that is made without arguments."""
    plain, made = need("stageflow:PipelineContext")(created_at=born), make(created_at=born)
    differing = [item.name for item in fields(plain) if item.name != "event_sink" and getattr(made, item.name) != getattr(plain, item.name)]
    expect(not differing, "the defaults of PipelineContext", f"others: {differing}")


def bridge(**given):
    """A context made from a snapshot of its own."""
    born = {"created_at": given.pop("created_at")} if "created_at" in given else {}
    snapshot = need("stageflow.context:ContextSnapshot")(**born)
    return need("stageflow:PipelineContext.from_snapshot")(snapshot, **given)


@promised
def scenario(params):
    make = bridge if params.get("bridge") else need("stageflow:PipelineContext.create")
    if params["field"]:
        verdict(make, params["field"])
    else:
        verdict_on_defaults(make, BORN)


def control(params):
    make = need("stageflow:PipelineContext")
    if params["field"]:
        verdict(make, params["field"])
    else:
        verdict_on_defaults(make, BORN)
