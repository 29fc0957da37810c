"""What an expression of documented code may be, as far as annotations of the target say: never a guess.

A `Value` is a tuple of alternatives; the empty tuple means that nothing is known, and about the unknown nothing is ever reported.
"""

import ast
import builtins
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.lab.documentation.target import exported, home_of, of_target


@dataclass(frozen=True, eq=False)
class Known:
    """This very object."""

    obj: Any


@dataclass(frozen=True)
class Instance:
    """An object of the class: `exact` when the code itself constructs it, otherwise possibly of a subclass."""

    cls: type
    exact: bool = False


@dataclass(frozen=True)
class Method:
    """A function of a class as reached through an instance."""

    function: Any
    owner: Instance


@dataclass(frozen=True)
class Coro:
    """What calling a coroutine function gives; `inner` is what awaiting it gives."""

    inner: "Value"
    label: str


@dataclass(frozen=True)
class Items:
    """A built-in collection and what it holds; `cls` is the collection's class."""

    cls: type
    item: "Value"


Alternative = Known | Instance | Method | Coro | Items
Value = tuple[Alternative, ...]
UNKNOWN: Value = ()


def merged(*values: Value) -> Value:
    """What is one of several; unknown when one of them is."""
    if not all(values):
        return UNKNOWN
    found: list[Alternative] = []
    for alternative in (a for value in values for a in value):
        if not any(same(alternative, other) for other in found):
            found.append(alternative)
    return tuple(found)


def same(one: Alternative, other: Alternative) -> bool:
    """Whether two alternatives say the same."""
    if isinstance(one, Known) and isinstance(other, Known):
        return one.obj is other.obj
    return one == other


def annotation_value(annotation: Any, home: Mapping[str, Any], owner: type | None = None) -> Value:
    """What an annotation promises; `home` are the globals of the place it is written in, `owner` is what `Self` means there."""
    if annotation is inspect.Parameter.empty or annotation is None:
        return (Known(None),) if annotation is None else UNKNOWN
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    try:
        return _read(ast.parse(text.strip(), mode="eval").body, home, owner)
    except SyntaxError:
        return UNKNOWN


def _named(node: ast.expr, home: Mapping[str, Any]) -> Any:
    """The object that a name or dotted name of an annotation means; None when it is not found."""
    if isinstance(node, ast.Name):
        builtin = getattr(builtins, node.id, None)
        return home.get(node.id, sys.modules.get(node.id) or builtin or exported().get(node.id))
    if isinstance(node, ast.Attribute):
        return getattr(_named(node.value, home), node.attr, None)
    return None


def _read(node: ast.expr, home: Mapping[str, Any], owner: type | None) -> Value:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return annotation_value(node.value, home, owner)
        return (Known(None),) if node.value is None else UNKNOWN
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right], home, owner)
    if isinstance(node, ast.Subscript):
        return _subscript(node, home, owner)
    if isinstance(node, ast.Name) and node.id == "Self":
        return (Instance(owner),) if owner else UNKNOWN
    found = _named(node, home)
    if not inspect.isclass(found) or found is object:
        return UNKNOWN
    if found in (list, tuple, set, frozenset, dict):
        return (Items(found, UNKNOWN),)
    return (Instance(found),)


def _union(nodes: list[ast.expr], home: Mapping[str, Any], owner: type | None) -> Value:
    """One of several types; that it may be None is left to the reader."""
    real = [node for node in nodes if not (isinstance(node, ast.Constant) and node.value is None)]
    return merged(*(_read(node, home, owner) for node in real))


def _subscript(node: ast.Subscript, home: Mapping[str, Any], owner: type | None) -> Value:
    name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    inside = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in ("Optional", "Union"):
        return _union(inside, home, owner)
    if name in ("type", "Type"):
        return UNKNOWN
    if name in ("Annotated", "Final", "ClassVar"):
        return _read(inside[0], home, owner)
    if name in ("Awaitable", "Coroutine"):
        return (Coro(_read(inside[-1], home, owner), ""),)
    if name in ("list", "List", "set", "Set", "frozenset", "FrozenSet"):
        return (Items(getattr(builtins, name.lower()), _read(inside[0], home, owner)),)
    if name in ("tuple", "Tuple"):
        alike = len(inside) == 2 and isinstance(inside[1], ast.Constant) and inside[1].value is ...
        return (Items(tuple, _read(inside[0], home, owner) if alike else UNKNOWN),)
    if name in ("dict", "Dict"):
        return (Items(dict, _read(inside[-1], home, owner)),)
    found = _named(node.value, home)
    return (Instance(found),) if inspect.isclass(found) and of_target(found) else UNKNOWN


def field_value(cls: type, name: str) -> Value | None:
    """What the annotation of a class attribute promises; None when there is no annotation."""
    for base in cls.__mro__:
        annotations = vars(base).get("__annotations__", {})
        if name in annotations:
            return annotation_value(annotations[name], home_of(base), cls)
    return None
