"""A dictionary that lacks what is optional is read as a record with its defaults."""

import dataclasses
from datetime import datetime

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.record_kit import build, classes_where, promised, through_json

PROBE = Probe(
    title="from_dict gives a missing field another value than the record's default",
    claim="from_dict() of a dictionary with the required entries and time stamps only gives the record that is made with these only.",
    source="invariant:round trip",
    component="stageflow.context.ContextSnapshot.from_dict",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Data written by an older release or another program is read as something else.",
    recommendation="Use the field's own default for a missing entry.",
)

NO_DEFAULTS = ("ExtensionBundle",)


def is_read_back(record):
    known = hasattr(record, "to_dict") and hasattr(record, "from_dict") and record.__name__ not in NO_DEFAULTS
    return known and dataclasses.is_dataclass(record) and bool(dataclasses.fields(record))


def cases():
    need("stageflow.context:ContextSnapshot")
    return tuple(
        Case(
            name.rpartition(":")[2],
            {"record": name},
            f"{name.rpartition(':')[2]}.from_dict gives a missing field another value than its default",
            f"{name.replace(':', '.')}.from_dict",
        )
        for name in classes_where(is_read_back)
    )


def required(record):
    """Names of what must be there: fields without a default, and time stamps."""
    missing = dataclasses.MISSING
    fields = dataclasses.fields(record)
    return [item.name for item in fields if (item.default is missing and item.default_factory is missing) or moment(item)]


def plain(value):
    """The value without moments, which differ from instance to instance."""
    if isinstance(value, datetime):
        return "a time"
    if dataclasses.is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value) if not moment(item)}
    return value


def moment(field):
    return field.name in ("created_at", "timestamp") and field.default_factory is not dataclasses.MISSING


def verdict(make, read):
    wanted = plain(make)
    seen = plain(read)
    differing = [name for name in wanted if type(seen[name]) is not type(wanted[name]) or seen[name] != wanted[name]]
    expect_equal(differing, [], "fields that are not as by default")


@promised
def scenario(params):
    record = need(params["record"])
    try:
        made = build(record, "default")
    except (TypeError, ValueError) as error:
        raise NotApplicable(f"no {record.__name__} can be made up") from error
    told = through_json(made.to_dict())
    verdict(made, record.from_dict({name: told[name] for name in required(record) if name in told}))


@dataclasses.dataclass
class Sound:
    name: str
    tags: list = dataclasses.field(default_factory=list)
    size: int = 5


def control(params):
    verdict(Sound("x"), Sound(**{"name": "x"}))
