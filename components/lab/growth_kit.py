"""Calls the target's functions by inspection and tells which of its modules keep something of every call, for probes."""

import asyncio
import contextlib
import inspect
import os
import typing
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from components.lab.flow import pipeline_context
from components.lab.record_kit import build, classes_of_target, sample
from components.lab.value_kit import page_client

KEEPERS = (list, dict, set, deque, bytearray)
"""What grows when something is put into it."""

CALLS = 2
"""Calls of a function before it is asked whether as many again add anything."""

OWN_VALUES: dict[str, Callable[[], Any]] = {
    **dict.fromkeys(("ctx", "context", "stage_context", "parent_ctx", "_ctx"), pipeline_context),
    **dict.fromkeys(("file_path", "path", "filename"), lambda: os.devnull),
    "client": lambda: page_client({}),
}
"""Name of a parameter -> how its value is made, where its type does not tell; these are always given."""


def held_by(value: Any) -> dict[str, Any]:
    """What a function, class or instance holds, by name."""
    if isinstance(value, FunctionType):
        defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        return {f"default {n}": item for n, item in enumerate(defaults)}
    if not isinstance(value, type):
        slots = [name for kind in type(value).__mro__ for name in vars(kind).get("__slots__", ()) if isinstance(name, str)]
        return {name: getattr(value, name, None) for name in [*getattr(value, "__dict__", {}), *slots]}
    plain = {name: getattr(item, "__func__", item) for name, item in list(vars(value).items()) if not name.startswith("__")}
    methods = [(name, item) for name, item in plain.items() if isinstance(item, FunctionType)]
    return plain | {f"{name}.{key}": held for name, item in methods for key, held in held_by(item).items()}


def keepers(module: ModuleType) -> dict[str, Any]:
    """All lists, dicts and sets that live as long as the module: in its globals, classes, default arguments and single instances."""
    found: dict[str, Any] = {}
    for name, value in list(vars(module).items()):
        home = getattr(value if isinstance(value, type | FunctionType) else type(value), "__module__", "")
        if isinstance(value, KEEPERS) and not name.startswith("__"):
            found[name] = value
        elif str(home).partition(".")[0] == "stageflow" and (home == module.__name__ or not isinstance(value, type | FunctionType)):
            found |= {f"{name}.{key}": held for key, held in held_by(value).items() if isinstance(held, KEEPERS)}
    return found


def sizes(found: Mapping[str, Any]) -> dict[str, int]:
    """How many things each of them holds."""
    return {name: len(value) for name, value in found.items()}


def grown(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Names of those that hold more than before."""
    return sorted(name for name, size in after.items() if size > before.get(name, 0))


def argument(name: str, hint: Any) -> Any:
    """A value for a parameter."""
    if name in OWN_VALUES:
        return OWN_VALUES[name]()
    return name if hint in (str, inspect.Parameter.empty) else sample(hint, name, True)


def call_of(function: Callable[..., Any], classes: Mapping[str, type]) -> Callable[[], Any]:
    """The call of the function with a made-up value for each parameter that needs one, new ones each time.

    Raises:
        Exception: its parameters or their types are not known.
    """
    known = inspect.signature(function).parameters.values()
    named = [item for item in known if item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)]
    must = [item for item in named if item.default is item.empty or item.name in OWN_VALUES]
    plain = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    hints = typing.get_type_hints(plain, localns=dict(classes)) if must else {}

    def play() -> Any:
        given = {item.name: argument(item.name, hints.get(item.name, item.empty)) for item in must}
        positional = [given.pop(item.name) for item in must if item.kind is item.POSITIONAL_ONLY]
        return function(*positional, **given)

    return play


async def play_out(outcome: Any) -> None:
    """Await or iterate what a call returned."""
    if inspect.isawaitable(outcome):
        outcome = await asyncio.wait_for(outcome, 1)
    if inspect.isasyncgen(outcome):
        async for _ in outcome:
            break
        await outcome.aclose()
    elif inspect.isgenerator(outcome):
        list(zip(range(CALLS), outcome, strict=False))


async def call_often(call: Callable[[], Any]) -> None:
    """Make the call a few times; what it raises is its own business."""
    for _ in range(CALLS):
        with contextlib.suppress(Exception, SystemExit):
            await play_out(call())
    await asyncio.sleep(0.1)  # what the calls have started in the background may end


def members(made: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods and properties of an instance."""
    for name in dir(type(made)):
        value = inspect.getattr_static(type(made), name)
        if isinstance(value, property):
            yield name, partial(getattr, made, name)
        elif not name.startswith("_") and callable(getattr(made, name, None)):
            yield name, getattr(made, name)


def callables(module: ModuleType, classes: Mapping[str, type]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The call of every public function, constructor, method and property that the module defines, by name."""
    for name, value in sorted(vars(module).items()):
        if name.startswith("_") or getattr(value, "__module__", "") != module.__name__ or not isinstance(value, (FunctionType, type)):
            continue
        with contextlib.suppress(Exception, SystemExit):
            create = call_of(value, classes)
            yield name, create
            made = build(value, "filled") if hasattr(value, "__dataclass_fields__") else create() if isinstance(value, type) else None
            for member, function in members(made) if isinstance(value, type) and made is not None else ():
                with contextlib.suppress(Exception):
                    yield f"{name}.{member}", call_of(function, classes)


async def growing_calls(module: ModuleType) -> list[str]:
    """`function: container` for every function of the module whose repeated calls make a container of the module grow."""
    start, found = sizes(keepers(module)), []
    for name, call in list(callables(module, classes_of_target())):
        await call_often(call)
        watched = keepers(module)
        before = sizes(watched)
        await call_often(call)
        found += [f"{name}: {container}" for container in grown(before, sizes(watched))]
    late = [container for container in grown(start, sizes(keepers(module))) if container not in start]
    return found or [f"{module.__name__}: {container}" for container in late if len(keepers(module)[container]) >= CALLS]


def inner(value: Any) -> list[Any]:
    """What an object of the target, a container or a closure holds; nothing for all else."""
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset | deque):
        return list(value)
    if isinstance(value, FunctionType | MethodType):
        cells = [cell.cell_contents for cell in value.__closure__ or () if cell != CellType()] if isinstance(value, FunctionType) else []
        return [*held_by(value).values(), *cells] if isinstance(value, FunctionType) else [value.__self__, value.__func__]
    return list(held_by(value).values()) if type(value).__module__.partition(".")[0] == "stageflow" else []


def items_held(roots: list[Any]) -> int:
    """How many things all containers hold that can be reached from the roots."""
    seen: dict[int, Any] = {}
    todo = list(roots)
    while todo:
        value = todo.pop()
        if id(value) not in seen and not isinstance(value, type | str | int | float | None):
            seen[id(value)] = value
            todo += inner(value)
    return sum(len(value) for value in seen.values() if isinstance(value, KEEPERS))
