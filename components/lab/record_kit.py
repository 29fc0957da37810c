"""Builds filled-in instances of a target's record classes and says where two records differ, for probes."""

import contextlib
import dataclasses
import enum
import importlib
import inspect
import json
import pkgutil
import sysconfig
import traceback
import typing
import uuid
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from components.lab.probe import NotApplicable, Violation, need

ZONE = timezone(timedelta(hours=5, minutes=30))
"""An offset no machine has by accident."""

SECOND = timedelta(seconds=1)

SMALLEST: dict[Any, Any] = {
    bool: False,
    int: 0,
    float: 0.0,
    bytes: b"",
    uuid.UUID: uuid.UUID(int=0),
    datetime: datetime(2020, 1, 1, tzinfo=UTC),
    Any: 0,
}
"""Kind of field -> smallest value."""

Filling = Literal["filled", "smallest", "default"]


def _distinct(kind: Any, name: str) -> Any:
    """A value of a plain kind that depends on the field's name, so that mixed up fields are noticed."""
    number = zlib.crc32(name.encode()) % 1_000_000
    values: dict[Any, Any] = {
        bool: True,
        int: 1_000_000 + number,
        float: number + 0.0625,
        bytes: b"\x00\xff" + name.encode(),
        uuid.UUID: uuid.uuid5(uuid.NAMESPACE_OID, name),
        datetime: datetime(2021, 3, 4, 5, 6, 7, number, ZONE),
        Any: {"name": name, "list": [1, 2.5, None, True, "x"], "": {}},
    }
    return values[kind]


def _one_or_more(kind: Any, name: str, filled: bool) -> Any:
    """A value of a union (its first member), list, tuple, set, dict, literal or function type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and arguments[-1] is not ...:
        return tuple(sample(argument, f"{name}[{n}]", filled) for n, argument in enumerate(arguments))
    if origin in (list, tuple, set, frozenset):
        return origin([sample(arguments[0], f"{name}[{n}]", filled) for n in range(3)] if filled else [])
    if origin is dict:
        return {f"{name}.{n}": sample(arguments[1], name, filled) for n in range(2)} if filled else {}
    if origin is Literal:
        return arguments[-1 if filled else 0]
    if origin is Callable:
        return do_nothing
    first = next(argument for argument in arguments if argument is not type(None))
    return sample(first, name, filled)


def do_nothing(*args: Any, **kwargs: Any) -> None:
    """A function for fields that hold one."""


def sample(kind: Any, name: str, filled: bool) -> Any:
    """A value for a field called `name`: distinctive when `filled`, else zero or the like. Same every time."""
    if kind is str:
        return f"{name}: text \u00fc \n {{x}}" if filled else name
    if typing.get_args(kind):
        return _one_or_more(kind, name, filled)
    if kind in SMALLEST:
        return _distinct(kind, name) if filled else SMALLEST[kind]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return list(kind)[-1 if filled else 0]
    return build(kind, "filled" if filled else "smallest", name) if dataclasses.is_dataclass(kind) else None


def modules_of_target() -> list[ModuleType]:
    """All modules of the target that can be imported, by name."""
    found = []
    for item in pkgutil.walk_packages(need("stageflow").__path__, "stageflow.", onerror=lambda name: None):
        with contextlib.suppress(ImportError):
            found += [] if item.name.endswith("__main__") else [importlib.import_module(item.name)]
    return found


def classes_of_target() -> dict[str, type]:
    """Every class of the target by its plain name; imports all its modules that can be imported."""
    classes: dict[str, type] = {}
    for module in modules_of_target():
        classes |= {name: value for name, value in vars(module).items() if isinstance(value, type)}
    return classes


def classes_where(wanted: Callable[[type], bool]) -> list[str]:
    """`package.module:Name` of the public classes of the target that are wanted, each under the module that defines it."""
    return [
        f"{module.__name__}:{name}"
        for module in modules_of_target()
        for name, value in sorted(vars(module).items())
        if isinstance(value, type) and value.__module__ == module.__name__ and not name.startswith("_") and wanted(value)
    ]


def field_hints(record: Any) -> dict[str, Any]:
    """The types of a class's fields, also of those that its module imports for type checkers only."""
    try:
        return typing.get_type_hints(record)
    except NameError:
        return typing.get_type_hints(record, localns=classes_of_target())


def build(record: Any, filling: Filling, place: str = "") -> Any:
    """An instance of a dataclass with a value in every field (`default`: in the required ones only), nested records included.

    The values depend on the field's name and on `place`, the name of what holds the record.
    """
    missing = dataclasses.MISSING
    given = [item for item in dataclasses.fields(record) if item.init]
    required = [item for item in given if item.default is missing and item.default_factory is missing]
    public = [item for item in given if not item.name.startswith("_") and item not in required]
    fields = required if filling == "default" else required + public
    path, hints = place or record.__name__, field_hints(record) if fields else {}
    return record(**{item.name: sample(hints[item.name], f"{path}.{item.name}", filling != "smallest") for item in fields})


def through_json(value: Any) -> Any:
    """What a reader gets who was sent `value` as JSON text.

    Raises:
        TypeError: it cannot be written as JSON.
    """
    return json.loads(json.dumps(value))


def parts(value: Any) -> dict[str, Any]:
    """The fields, items or entries a value is made of, by a label; empty for a plain value."""
    if dataclasses.is_dataclass(value):
        return {f".{item.name}": getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {f"[{key!r}]": item for key, item in value.items()}
    return {f"[{n}]": item for n, item in enumerate(value)} if isinstance(value, list | tuple) else {}


def difference(expected: Any, observed: Any, path: str = "record") -> str:
    """Where and how the two differ, or "" when they are equal in value and type; the same words every time."""
    if type(expected) is not type(observed):
        return f"{path} is a {type(observed).__name__}, was a {type(expected).__name__}"
    was, now = parts(expected), parts(observed)
    if list(was) != list(now):
        return f"{path} holds {' '.join(now) or 'nothing'}, held {' '.join(was) or 'nothing'}"
    if was:
        return next((found for label in was if (found := difference(was[label], now[label], path + label))), "")
    if isinstance(expected, datetime) and expected.utcoffset() != observed.utcoffset():
        return f"{path} has the UTC offset {observed.utcoffset()}, had {expected.utcoffset()}"
    if expected == observed:
        return ""
    if isinstance(expected, datetime):
        return f"{path} is another moment, {'a second or more' if abs(expected - observed) >= SECOND else 'less than a second'} off"
    return f"{path} is {observed!r}, was {expected!r}"


def dataclasses_of(module: str, wanted: Callable[[Any], bool]) -> list[str]:
    """`package.module:Name` of the public dataclasses defined in a module or, for a package, in its direct modules."""
    root = importlib.import_module(module)
    names = [module] + [f"{module}.{item.name}" for item in pkgutil.iter_modules(getattr(root, "__path__", []))]
    found = []
    for name in names:
        for attribute, value in sorted(vars(importlib.import_module(name)).items()):
            own = inspect.isclass(value) and value.__module__ == name and not attribute.startswith("_")
            if own and dataclasses.is_dataclass(value) and wanted(value):
                found.append(f"{name}:{attribute}")
    return found


def goes_both_ways(record: Any) -> bool:
    """The class has fields and promises both ways: `to_dict` and `from_dict`."""
    return bool(dataclasses.fields(record)) and hasattr(record, "to_dict") and hasattr(record, "from_dict")


def round_trip_difference(record: Any, filling: Filling) -> str:
    """What an instance of the record loses on its way through `to_dict`, JSON text and `from_dict`; "" when nothing."""
    original = build(record, filling)
    try:
        text = through_json(original.to_dict())
    except TypeError as error:
        return f"to_dict() is no JSON: {error}"
    return difference(original, record.from_dict(text))


def raised_inside(error: Exception) -> str:
    """Name of the target's function that raised, or called what raised; "" when it was called wrongly or is not involved."""
    package, library = str(Path(need("stageflow").__file__).parent), sysconfig.get_path("stdlib")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(package):
            return frame.name
        if not frame.filename.startswith(("<", library)) and "site-packages" not in frame.filename:
            return ""
    return ""


def no_error(error: Exception) -> Violation:
    """The violation for an exception that the target raised where it should have answered.

    Raises:
        Exception: the same one, when it did not come up in the target.
    """
    place = raised_inside(error)
    if isinstance(error, Violation | NotApplicable) or not place:
        raise error
    return Violation("an answer", f"{type(error).__name__} raised in {place}()")


def promised(scenario: Callable[[Mapping[str, Any]], Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Decorates a scenario in which the target has no reason to raise: an exception from inside it is a violation."""

    async def asynchronous(params: Mapping[str, Any]) -> None:
        try:
            await scenario(params)
        except Exception as error:
            raise no_error(error) from error

    def plain(params: Mapping[str, Any]) -> None:
        try:
            scenario(params)
        except Exception as error:
            raise no_error(error) from error

    return asynchronous if inspect.iscoroutinefunction(scenario) else plain
