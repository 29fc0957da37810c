"""Builds workloads that were written for one mission; whatever judges them stays out of their reach."""

import asyncio
import builtins
import dis
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

from components.lab.probe import Violation, need
from components.lab.written_types import fits, hints_of, whole

WORKLOAD_MODULES = ("stageflow", "asyncio", "dataclasses", "typing", "datetime", "uuid", "enum")
"""What a workload may import."""
WORKLOAD_BUILTINS = (
    "ArithmeticError", "AttributeError", "ConnectionError", "Exception", "IndexError", "KeyError", "LookupError", "OSError", "RuntimeError",
    "TimeoutError", "TypeError", "ValueError", "__build_class__", "abs", "all", "any", "bool", "bytes", "classmethod", "dict", "enumerate",
    "float", "frozenset", "int", "isinstance", "len", "list", "max", "min", "object", "property", "range", "reversed", "round", "set",
    "sorted", "staticmethod", "str", "sum", "super", "tuple", "zip",
)  # fmt: skip
"""What a workload may use without importing it."""
ACCIDENTS = (AttributeError, NameError, UnboundLocalError, TypeError)
"""Exceptions that Python raises by itself when code is wrong."""


def import_for_workload(name: str, given: Any = None, local: Any = None, wanted: Any = (), level: int = 0) -> Any:
    """`import` as a workload has it."""
    if level or name.partition(".")[0] not in WORKLOAD_MODULES:
        raise ImportError(f"a workload does not import {name}")
    return builtins.__import__(name, given, local, wanted, level)


def workload(code: str) -> dict[str, Any]:
    """The names that the code defines."""
    allowed: dict[str, Any] = {name: getattr(builtins, name) for name in WORKLOAD_BUILTINS}
    space: dict[str, Any] = {"__builtins__": allowed | {"__import__": import_for_workload}, "__name__": "workload"}
    exec(compile(code, "<workload>", "exec", dont_inherit=True), space)
    return space


def declared_call(params: Mapping[str, Any]) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
    """(what is called, arguments, keywords) of a case, once it is certain that the annotations allow the call.

    Raises:
        ValueError: the code calls something else, or an argument may not be what the annotation says.
    """
    called, args, keywords = workload(params["code"])["call"]()
    target = need(params["call"])
    if plain_callable(called) is not plain_callable(target):
        raise ValueError(f"call() returns something other than {params['call']}")
    owner = getattr(called, "__self__", None)
    if owner is not None and not isinstance(owner, type) and not whole(owner, type(owner)):
        raise ValueError(f"it is not certain that the {type(owner).__name__} is as its annotations say")
    hints = hints_of(plain_callable(called))
    bound = inspect.signature(typing.get_origin(called) or called).bind(*args, **keywords)
    for name, value in bound.arguments.items():
        if name not in hints or not fits(value, hints[name]):
            raise ValueError(f"it is not certain that argument {name} is as annotated ({hints.get(name, 'not annotated')})")
    return called, args, keywords


def plain_callable(called: Any) -> Any:
    """The class or function behind a bound method or a generic alias."""
    return getattr(called, "__func__", None) or typing.get_origin(called) or called


def accident_in_target(error: BaseException) -> str:
    """The function of the target in which Python itself raised the error; empty when it was raised on purpose or elsewhere."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None or type(error) not in ACCIDENTS or not of_framework(trace.tb_frame.f_globals):
        return ""
    raised = next((step.opname for step in dis.get_instructions(trace.tb_frame.f_code) if step.offset == trace.tb_lasti), "")
    return "" if raised in ("RAISE_VARARGS", "RERAISE") else trace.tb_frame.f_code.co_name


def of_framework(names: Mapping[str, Any]) -> bool:
    """Whether the globals are those of a module of the target."""
    return str(names.get("__name__")).partition(".")[0] == "stageflow"


async def judge_call(called: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    """Make a call that the annotations allow.

    Raises:
        Violation: the target's own code broke on it.
    """
    try:
        value = called(*args, **keywords)
        if inspect.isawaitable(value):
            await value
    except ACCIDENTS as error:
        if place := accident_in_target(error):
            words = re.sub(r" at 0x[0-9a-f]+", "", str(error))
            shown = f"{type(error).__name__}: {words}; {type(error).__name__} raised in {place}()"
            raise Violation("a result, or an error raised on purpose", shown) from error
    except Exception:
        return  # a refusal is an answer


def tasks_of_target() -> list[str]:
    """Coroutines of the target that unfinished tasks of this loop run, the present task left out."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    frames = [(task.get_coro(), getattr(task.get_coro(), "cr_frame", None)) for task in others]
    return sorted(str(getattr(coro, "__qualname__", "?")) for coro, frame in frames if frame and of_framework(frame.f_globals))
