"""PipelineContext.create hands every argument to the context, and takes copies of what can change."""

from datetime import datetime
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

CASES = tuple(Case(name, {"field": name}) for name in IDS + REST + HANDED)


def value_for(field):
    """A telling value for the argument."""
    if field in KINDS:
        return sample(need(f"stageflow.context:{KINDS[field]}"), field, True)
    if field in PLAIN_VALUES:
        return PLAIN_VALUES[field]
    return sample(UUID if field in IDS else KIND_OF.get(field, str), field, True)


def verdict(make, field):
    value = value_for(field)
    found = difference(value, getattr(make(field, value), field), field)
    expect(not found, f"{field} as passed", found)


@promised
def scenario(params):
    create = need("stageflow:PipelineContext.create")
    verdict(lambda field, value: create(**{field: value}), params["field"])


def control(params):
    pipeline_context = need("stageflow:PipelineContext")
    verdict(lambda field, value: pipeline_context(**{field: value}), params["field"])
