"""A time stamp that is filled in by default is the current UTC time, with its zone."""

import dataclasses
from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, NotApplicable, Probe, expect, need
from components.lab.record_kit import build, classes_where, promised

PROBE = Probe(
    title="A default time stamp is not the current UTC time",
    claim="created_at, timestamp and the like default to the moment of creation, timezone-aware in UTC, for each record anew.",
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

NAMES = ("created_at", "timestamp", "iat")


def generated(record):
    """Names of the record's time stamps that are filled in for each instance."""
    if not dataclasses.is_dataclass(record):
        return []
    return [item.name for item in dataclasses.fields(record) if item.name in NAMES and item.default_factory is not dataclasses.MISSING]


def cases():
    need("stageflow.context:ContextSnapshot")
    rows = [(name, field) for name in classes_where(generated) for field in generated(need(name))]
    return (
        Case("ContextSnapshot.run_id", named("stageflow.context.context_snapshot:ContextSnapshot", "run_id.created_at")),
        *(
            Case(
                name.rpartition(":")[2],
                named(name, field),
                component=name.replace(":", "."),
                title=f"{name.rpartition(':')[2]}.{field} does not default to the current UTC time",
            )
            for name, field in rows
        ),
    )


def named(record, field):
    return {"record": record, "field": field}


@dataclasses.dataclass
class Stamped:
    created_at: datetime = dataclasses.field(default_factory=lambda: datetime.now(UTC))


def moment(value):
    """The time stamp, be it written as a time, text or seconds since 1970."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None


def verdict(make, field):
    before = datetime.now(UTC)
    stamp = make()
    for name in field.split("."):
        stamp = getattr(stamp, name)
    after, stamp = datetime.now(UTC), moment(stamp)
    expect(isinstance(stamp, datetime), "a time stamp", "something that is no time")
    expect(stamp.utcoffset() == timedelta(0), "a time stamp in UTC, with its zone", f"UTC offset {stamp.utcoffset()}")
    expect(before <= stamp <= after, "the moment of creation", "a time stamp outside of the call that created the record")


def made_up(record):
    try:
        return build(record, "default")
    except (TypeError, ValueError) as error:
        raise NotApplicable(f"no {record.__name__} can be made up") from error


@promised
def scenario(params):
    record = need(params["record"])
    need("stageflow.context:RunIdentity")().to_dict()  # generated dataclass code does not count as a call of the target
    made_up(record)
    verdict(lambda: build(record, "default"), params["field"])


def control(params):
    verdict(Stamped, "created_at")
