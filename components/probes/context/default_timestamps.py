"""A time stamp that is filled in by default is the current UTC time, with its zone."""

import dataclasses
from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import build, promised

PROBE = Probe(
    title="A default time stamp is not the current UTC time",
    claim="created_at and the like default to the moment of creation, timezone-aware in UTC.",
    source="docstring:stageflow.context.identity.RunIdentity",
    component="stageflow.context.ContextSnapshot",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Ages, orders and durations computed from the time stamp are wrong, or comparing it raises.",
    recommendation="Use field(default_factory=lambda: datetime.now(UTC)).",
)

FIELDS = (
    ("stageflow.context:ContextSnapshot", "created_at"),
    ("stageflow.context:RunIdentity", "created_at"),
    ("stageflow.stages.context:PipelineContext", "created_at"),
    ("stageflow.helpers.analytics:AnalyticsEvent", "timestamp"),
    ("stageflow.observability.tracing:TraceContext", "created_at"),
)

CASES = tuple(
    Case(
        name.rpartition(":")[2],
        {"record": name, "field": field},
        component=name.replace(":", "."),
        title=f"{name.rpartition(':')[2]}.{field} does not default to the current UTC time",
    )
    for name, field in FIELDS
)


@dataclasses.dataclass
class Stamped:
    created_at: datetime = dataclasses.field(default_factory=lambda: datetime.now(UTC))


def verdict(make, field):
    before = datetime.now(UTC)
    stamp = getattr(make(), field)
    after = datetime.now(UTC)
    expect(stamp.utcoffset() == timedelta(0), "a time stamp in UTC, with its zone", f"UTC offset {stamp.utcoffset()}")
    expect(before <= stamp <= after, "the moment of creation", "a time stamp outside of the call that created the record")


@promised
def scenario(params):
    record = need(params["record"])
    verdict(lambda: build(record, "default"), params["field"])


def control(params):
    verdict(Stamped, "created_at")
