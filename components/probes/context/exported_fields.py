"""The dictionary a record is exported to has every field of the record with its value."""

import dataclasses
import enum
from datetime import datetime

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.record_kit import build, classes_where, promised

PROBE = Probe(
    title="A record's to_dict leaves out a field or gives it another value",
    claim="to_dict() has every field of the record under its own name: ids and times as text, all else as it is; only what is empty may "
    "be left out.",
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

OTHER_SHAPE = ("MockCompletion", "StageContext", "PipelineContext", "DictContextAdapter", "ExtensionBundle")
"""Their dictionaries follow another format; probes of their own look at them."""

NOT_EXPORTED = {
    "AudioChunk": ("data",),
    "CorrelationIds": ("run_id", "extra"),
    "DiffResult": ("old_content", "new_content"),
    "FailureSummary": ("partial_results",),
    "FetchResult": ("content",),
    "LLMResponse": ("raw_response",),
    "MockJWTClaims": ("exp", "iat", "custom"),
    "OutputEntry": ("output",),
    "RunResult": ("events", "cancel_reason"),
    "STTResponse": ("raw_response",),
    "SearchResult": ("pages", "relevant_pages"),
    "SiteMap": ("pages", "internal_links", "external_links"),
    "TTSResponse": ("audio", "raw_response"),
    "ToolDefinition": ("handler", "undo_handler"),
}
"""Record -> fields whose raw value is not meant to be in the dictionary."""

FILLINGS = ("filled", "smallest", "default")


def exports(record):
    return dataclasses.is_dataclass(record) and hasattr(record, "to_dict") and record.__name__ not in OTHER_SHAPE


def cases():
    need("stageflow.context:ContextSnapshot")
    return tuple(
        Case(
            name.rpartition(":")[2],
            {"record": name},
            f"{name.rpartition(':')[2]}.to_dict misses or changes a field",
            name.replace(":", "."),
        )
        for name in classes_where(exports)
    )


def plain(value):
    """How a dictionary may tell the value."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return str(value) if type(value).__name__ in ("UUID", "type") else value


def same(value, told):
    """Whether `told` is the value: nested records by what they tell themselves, times by the moment and zone."""
    if isinstance(value, datetime) and isinstance(told, str):
        moment = moment_of(told)
        return moment is not None and moment == value and moment.utcoffset() == value.utcoffset()
    if hasattr(value, "to_dict"):
        return told == value.to_dict()
    if dataclasses.is_dataclass(value) and isinstance(told, dict):
        return bool(told) and all(name not in told or same(part, told[name]) for name, part in vars_of(value).items())
    if isinstance(value, list | tuple) and isinstance(told, list | tuple):
        return len(value) == len(told) and all(same(one, other) for one, other in zip(value, told, strict=True))
    if isinstance(value, dict) and isinstance(told, dict):
        return list(map(str, value)) == list(map(str, told)) and all(map(same, value.values(), told.values()))
    return plain(value) == told and isinstance(value, bool) == isinstance(told, bool)


def moment_of(text):
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def vars_of(record):
    return {item.name: getattr(record, item.name) for item in dataclasses.fields(record)}


def derived(record, told):
    """Properties of the record that the dictionary tells under their own names."""
    names = [name for name in told if isinstance(getattr(type(record), name, None), property)]
    return {name: getattr(record, name) for name in names if name != "age_seconds"}


def wrong_fields(record, told):
    """Fields that the dictionary has not, or has with another value; what is empty need not be told."""
    hidden = NOT_EXPORTED.get(type(record).__name__, ())
    values = {name: value for name, value in vars_of(record).items() if name not in hidden and not name.startswith("_")}
    wanted = {name: value for name, value in values.items() if value or name in told} | derived(record, told)
    return [name for name, value in wanted.items() if name not in told or not same(value, told[name])]


def built(params, filling):
    try:
        return build(need(params["record"]), filling)
    except (TypeError, ValueError) as error:
        raise NotApplicable(f"no instance of {params['record']} can be made up") from error


@promised
def scenario(params):
    for filling in FILLINGS:
        record = built(params, filling)
        expect_equal(wrong_fields(record, record.to_dict()), [], f"fields of a record ({filling}) that are missing or have another value")


def by_hand(value):
    """What a dictionary must tell of the value."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list | tuple):
        return [by_hand(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else plain(value)


def control(params):
    for filling in FILLINGS:
        record = built(params, filling)
        told = {name: by_hand(value) for name, value in vars_of(record).items()}
        expect_equal(wrong_fields(record, told), [], f"fields of a record ({filling}) told by hand that are missing or have another value")
