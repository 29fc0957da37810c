"""A record's to_dict works for every kind of value that the record takes, not only for the kind its author had in mind."""

import dataclasses
import enum
import importlib
import pkgutil
import types
import typing
import uuid
from datetime import UTC, datetime

from components.lab.probe import Case, Probe, Violation, need
from components.lab.record_kit import dataclasses_of, field_hints, raised_inside

PROBE = Probe(
    title="to_dict of a record raises for a kind of value that the record takes",
    claim="to_dict() of a record answers for every kind of value its fields are declared or documented to take.",
    source="invariant:a record that can be built can be exported",
    component="stageflow.context.ContextSnapshot.to_dict",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Storing, logging or sending a sound record raises, far away from the place where the value was put in.",
    recommendation="Ask for the kind of the value before calling its methods in to_dict().",
)

PLAIN = {
    bool: [True, False],
    int: [7, 0],
    float: [0.5, 0.0],
    str: ["text", ""],
    bytes: [b"\x00\xff", b""],
    uuid.UUID: [uuid.UUID(int=7)],
    datetime: [datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)],
    type(None): [None],
    typing.Any: [{"a": {"b": [1]}}, ["x"], "text", 7, None],
}
DOCUMENTED = {"extensions": [{"skills": {"level": 3}}, {}]}
"""Kinds that a field's annotation leaves out and the documentation shows; see the documentation of create_test_snapshot."""


def kinds(hint):
    """Values of every kind that an annotation allows, nested records with their smallest values.

    Raises:
        LookupError: values of this annotation cannot be made without knowing more about it.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, typing.TypeVar):
        return kinds(hint.__bound__ or typing.Any)
    if origin in (typing.Union, types.UnionType):
        return [value for argument in arguments for value in kinds(argument)]
    if origin in (list, tuple):
        inner = [argument for argument in arguments if argument is not Ellipsis]
        values = [[kinds(argument)[0] for argument in inner]] + ([[]] if origin is list or len(inner) < len(arguments) else [])
        return [origin(value) for value in values]
    if origin is dict:
        return [{"key": kinds(arguments[1])[0]}, {}]
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return list(hint)
    return [made(hint, {})]


def made(record, given):
    """A record with the given values, and values of the first kind in its other fields."""
    if not dataclasses.is_dataclass(record) or any(item.name.startswith("_") for item in dataclasses.fields(record)):
        raise LookupError(f"no values of {record}")
    hints = field_hints(record)
    return record(**({item.name: kinds(hints[item.name])[0] for item in dataclasses.fields(record)} | given))


def variants(record):
    """(field, value) of every kind for every field."""
    hints = field_hints(record)
    for item in dataclasses.fields(record):
        for value in [*kinds(hints[item.name]), *DOCUMENTED.get(item.name, [])]:
            yield item.name, value


def can_be_made(record):
    """The record exports itself, and all its fields are of kinds that can be made up."""
    try:
        return hasattr(record, "to_dict") and bool(made(record, {})) and bool(list(variants(record)))
    except (LookupError, NameError, TypeError):
        return False


def records_of(module):
    """The records that a module of the target defines; none when it cannot be imported."""
    try:
        importlib.import_module(module)
        return [record for record in dataclasses_of(module, can_be_made) if record.startswith(f"{module}:")]
    except ImportError:
        return []


def cases():
    found = pkgutil.walk_packages(need("stageflow").__path__, "stageflow.", onerror=lambda name: None)
    modules = sorted(module.name for module in found if not module.name.startswith("stageflow.cli"))
    records = [record for module in modules for record in records_of(module)]
    return tuple(
        Case(
            record.rpartition(":")[2],
            {"record": record},
            component=f"{record.replace(':', '.')}.to_dict",
            title=f"{record.rpartition(':')[2]}.to_dict raises for a kind of value that its constructor takes",
        )
        for record in records
    )


def verdict(record, params):
    for name, value in variants(record):
        original = made(record, {name: value})
        try:
            original.to_dict()
        except Exception as error:
            if not raised_inside(error):
                raise
            shown = f"to_dict() with {name} = {value!r}"
            raise Violation(f"{shown} answers", f"{type(error).__name__}") from error


def scenario(params):
    verdict(need(params["record"]), params)


@dataclasses.dataclass
class Sound:
    name: str | None
    extra: typing.Any
    nested: dict[str, typing.Any]

    def to_dict(self):
        return dataclasses.asdict(self)


def control(params):
    verdict(Sound, params)
