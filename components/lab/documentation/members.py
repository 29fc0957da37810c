"""Members, results and signatures of the target's objects, as far as they are certain."""

import ast
import enum
import functools
import inspect
import textwrap
import typing
from collections.abc import Callable
from types import CoroutineType, ModuleType
from typing import Any

from components.lab.documentation.target import dotted, failed, home_of, modules, namesakes, of_target, subclasses
from components.lab.documentation.values import (
    UNKNOWN,
    Alternative,
    Coro,
    Instance,
    Items,
    Known,
    Method,
    Value,
    annotation_value,
    field_value,
)

PLAIN_BASES = ("builtins", "abc", "typing", "collections")


@functools.cache
def assigned(cls: type) -> frozenset[str] | None:
    """Names that methods of the class and its bases assign to `self`; None when some source cannot be read."""
    names: set[str] = set()
    for base in cls.__mro__[:-1]:
        if not of_target(base):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError, SyntaxError):
            return None
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
                names.add(node.attr)
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("setattr", "__setattr__"):
                if any(not isinstance(a, ast.Constant) for a in node.args[-2:-1]):
                    return None
                names.update(str(a.value) for a in node.args if isinstance(a, ast.Constant))
    return frozenset(names)


def is_open(cls: type) -> bool:
    """Objects of the class may have attributes that nobody can know of."""
    own = [base for base in cls.__mro__ if base is not object]
    if any("__getattr__" in vars(base) or "__getattribute__" in vars(base) for base in own):
        return True
    if issubclass(cls, ModuleType | enum.Enum | type) or getattr(cls, "_is_protocol", False):
        return True
    if getattr(cls, "model_config", {}).get("extra") == "allow" or not of_target(cls):
        return cls.__module__ != "builtins"
    foreign = [base for base in own if not of_target(base) and base.__module__ not in PLAIN_BASES]
    return bool(foreign) and not hasattr(cls, "model_fields")


def has_member(cls: type, name: str) -> bool:
    """Whether an object of the class may have the attribute."""
    if hasattr(cls, name) or is_open(cls) or field_value(cls, name) is not None:
        return True
    stored = assigned(cls)
    return stored is None or name in stored or name in getattr(cls, "model_fields", {})


def member(value: Instance, name: str) -> Value | None:
    """What `instance.name` is; None when there is no such attribute for certain."""
    cls = value.cls
    if not has_member(cls, name):
        others = () if value.exact else (*subclasses(cls), *namesakes(cls))
        return UNKNOWN if any(has_member(other, name) for other in others) else None
    static = inspect.getattr_static(cls, name, None)
    if isinstance(static, property | functools.cached_property):
        getter = static.fget if isinstance(static, property) else static.func
        return annotation_value(_returns(getter), home_of(getter), cls)
    if isinstance(static, classmethod | staticmethod):
        return (Known(getattr(cls, name)),)
    if inspect.isfunction(static):
        return (Method(static, value),)
    return field_value(cls, name) or UNKNOWN


def _returns(function: Any) -> Any:
    return getattr(function, "__annotations__", {}).get("return", inspect.Parameter.empty)


def result_of(called: Alternative) -> Value:
    """What calling it gives."""
    if isinstance(called, Known) and inspect.isclass(called.obj):
        return (Instance(called.obj, exact=True),) if of_target(called.obj) and not issubclass(called.obj, enum.Enum) else UNKNOWN
    function = called.function if isinstance(called, Method) else called.obj if isinstance(called, Known) else None
    if not inspect.isroutine(function) or not of_target(inspect.unwrap(function)):
        return UNKNOWN
    owner = called.owner.cls if isinstance(called, Method) else getattr(function, "__self__", None)
    plain = inspect.unwrap(getattr(function, "__func__", function))
    if inspect.isasyncgenfunction(plain) or inspect.isgeneratorfunction(plain) or plain is not getattr(function, "__func__", function):
        return UNKNOWN
    value = annotation_value(_returns(plain), home_of(plain), owner if inspect.isclass(owner) else None)
    return (Coro(value, dotted(plain)),) if inspect.iscoroutinefunction(plain) else value


def made_otherwise(cls: type) -> bool:
    """Calling the class is not, or not only, a call of its `__init__`."""
    if issubclass(cls, enum.Enum) or hasattr(cls, "model_fields") or getattr(cls, "_is_protocol", False):
        return True
    plain = issubclass(cls, BaseException | typing.Generic)
    return type(cls).__call__ is not type.__call__ or (cls.__new__ is not object.__new__ and not plain)


def signature_of(called: Alternative) -> inspect.Signature | None:
    """How it may be called; None when that is not known for certain."""
    obj: Callable[..., Any] | None = called.function if isinstance(called, Method) else called.obj if isinstance(called, Known) else None
    if obj is None or not callable(obj) or not of_target(inspect.unwrap(obj) if not inspect.isclass(obj) else obj):
        return None
    if inspect.isclass(obj) and made_otherwise(obj):
        return None
    try:
        found = inspect.signature(obj)
    except (ValueError, TypeError):
        return None
    return found.replace(parameters=list(found.parameters.values())[1:]) if isinstance(called, Method) else found


def attribute_of(base: Alternative, name: str) -> Value | None:
    """What `base.name` is for one alternative; None when it is certain that there is no such thing."""
    if name.startswith("__"):
        return UNKNOWN
    match base:
        case Instance():
            return member(base, name)
        case Coro():
            return UNKNOWN if hasattr(CoroutineType, name) or not base.label else None
        case Items():
            return UNKNOWN if hasattr(base.cls, name) else None
        case Known(obj) if isinstance(obj, ModuleType):
            return of_module(obj, name)
        case Known(obj) if inspect.isclass(obj):
            return of_class(obj, name)
        case Known(obj):
            return member(Instance(type(obj), exact=True), name) if of_target(type(obj)) else UNKNOWN
    return UNKNOWN


def of_module(module: ModuleType, name: str) -> Value | None:
    """What `module.name` is."""
    inside = f"{module.__name__}.{name}"
    if hasattr(module, name) or inside in modules():
        return (Known(getattr(module, name, None) or modules().get(inside)),)
    return UNKNOWN if "__getattr__" in vars(module) or failed(inside) or not of_target(module) else None


def of_class(cls: type, name: str) -> Value | None:
    """What `Class.name` is."""
    if not of_target(cls):
        return UNKNOWN
    if hasattr(cls, name):
        value = getattr(cls, name)
        return (Known(value),) if inspect.isroutine(value) or inspect.isclass(value) or inspect.ismemberdescriptor(value) else UNKNOWN
    if issubclass(cls, enum.Enum):
        return None
    meta = type(cls)
    hidden = hasattr(meta, name) or "__getattr__" in vars(meta) or getattr(cls, "_is_protocol", False)
    return UNKNOWN if hidden or field_value(cls, name) is not None else None
