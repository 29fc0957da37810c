"""The dictionary a record is exported to has every field of the record with its value."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import build, parts, promised

PROBE = Probe(
    title="A record's to_dict leaves out a field or gives it another value",
    claim="to_dict() has every field of the record: ids and times as text, all else as it is.",
    source="invariant:round trip",
    component="stageflow.context.TruncationEvent",
    subsystem="context",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="What is logged or sent about the record lacks what one looks for.",
    recommendation="Write every field of the record.",
)

RECORDS = (
    "stageflow.context:TruncationEvent",
    "stageflow.context:VersionMetadata",
    "stageflow.context:ContextUtilization",
    "stageflow.context:ProfileEnrichment",
    "stageflow.context:DocumentEnrichment",
    "stageflow.context:MemoryEnrichment",
    "stageflow.context:RunIdentity",
    "stageflow.observability:TraceContext",
    "stageflow.helpers:RunResult",
    "stageflow.helpers.analytics:AnalyticsEvent",
    "stageflow.helpers.streaming:BackpressureStats",
    "stageflow.events:BackpressureMetrics",
)
CASES = tuple(
    Case(name.rpartition(":")[2], {"record": name}, f"{name.rpartition(':')[2]}.to_dict misses or changes a field", name.replace(":", "."))
    for name in RECORDS
)
NOT_EXPORTED = ("events",)


def as_told(value):
    """How a dictionary tells the value."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if type(value).__name__ == "UUID" else value


def wrong_fields(record, told):
    """Fields that the dictionary has not, or has with another value."""
    values = {label[1:]: as_told(value) for label, value in parts(record).items() if label[1:] not in NOT_EXPORTED}
    return [name for name, value in values.items() if told.get(name, "absent") != value]


@promised
def scenario(params):
    record = build(need(params["record"]), "filled")
    expect_equal(wrong_fields(record, record.to_dict()), [], "fields that are missing or have another value")


def control(params):
    record = build(need(params["record"]), "filled")
    expect_equal(wrong_fields(record, {label[1:]: as_told(value) for label, value in parts(record).items()}), [], "fields missing")
