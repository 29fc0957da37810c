"""Says when a value is for certain what an annotation asks for; a doubt counts as no."""

import collections.abc
import dataclasses
import datetime
import enum
import types
import typing
import uuid
from typing import Any

PLAIN = (bool, int, float, str, bytes, type(None), uuid.UUID, datetime.datetime, datetime.date, datetime.timedelta)
"""Types whose values hold nothing that could be wrong."""
ROWS = {list: list, set: set, frozenset: frozenset, collections.abc.Sequence: list, collections.abc.Iterable: list}
"""Annotations of collections, and the type of value that will do."""


def hints_of(called: Any) -> dict[str, Any]:
    """Annotations of a function's or a class's arguments; none when they cannot be read."""
    try:
        if isinstance(called, type) and not dataclasses.is_dataclass(called):
            return typing.get_type_hints(vars(called).get("__init__", called))
        return typing.get_type_hints(called)
    except Exception:
        return {}


def fits(value: Any, hint: Any) -> bool:
    """Whether the value is certainly what the annotation says. `Any` says nothing, so nothing fits it for certain."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, typing.TypeVar):
        choices = hint.__constraints__ or ((hint.__bound__,) if hint.__bound__ else ())
        return not choices or any(fits(value, choice) for choice in choices)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, arg) for arg in args)
    if origin is typing.Literal:
        return any(type(value) is type(arg) and value == arg for arg in args)
    if origin in ROWS:
        return type(value) is ROWS[origin] and all(fits(item, args[0]) for item in value)
    if origin is tuple and len(args) == 2 and args[1] is ...:
        return type(value) is tuple and all(fits(item, args[0]) for item in value)
    if origin in (dict, collections.abc.Mapping):
        return type(value) is dict and all(fits(k, args[0]) and fits(v, args[1]) for k, v in value.items())
    if hint is None:
        return value is None
    promises = isinstance(hint, type) and not getattr(hint, "_is_protocol", False)
    return promises and hint not in (Any, object) and whole(value, hint)


def whole(value: Any, kind: type) -> bool:
    """Whether a value of that class has nothing inside that could be wrong."""
    if kind is float and type(value) is int:
        return True
    if isinstance(value, enum.Enum) or type(value) in PLAIN:
        return isinstance(value, kind) and not (type(value) is bool and kind is int)
    if type(value) in (list, dict, set, tuple):
        return type(value) is kind and not value
    if not dataclasses.is_dataclass(value) or not isinstance(value, kind) or acts(type(value)):
        return False
    hints = hints_of(type(value))
    return all(field.name in hints and fits(getattr(value, field.name), hints[field.name]) for field in dataclasses.fields(value))


def acts(kind: type) -> bool:
    """Whether a class that a workload defines has methods of its own, which could answer anything."""
    if kind.__module__ != "workload":
        return False
    return any(callable(held) or isinstance(held, property) for name, held in vars(kind).items() if not name.startswith("__"))
