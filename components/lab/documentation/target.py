"""The target's modules and public objects, imported once, for the documentation oracle."""

import ast
import functools
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

PACKAGE = "stageflow"


def of_target(obj: Any) -> bool:
    """Whether a module, class or function belongs to the target."""
    name = obj.__name__ if isinstance(obj, ModuleType) else getattr(obj, "__module__", None)
    return isinstance(name, str) and name.partition(".")[0] == PACKAGE


@functools.cache
def modules() -> dict[str, ModuleType]:
    """Every module of the target that can be imported, by name."""
    package = importlib.import_module(PACKAGE)
    found = {PACKAGE: package}
    for info in pkgutil.walk_packages(package.__path__, f"{PACKAGE}.", onerror=lambda name: None):
        if info.name.rpartition(".")[2] == "__main__":
            continue  # importing it would run a command line
        try:
            found[info.name] = importlib.import_module(info.name)
        except BaseException:  # it needs something that is not installed: nothing is known about it
            continue
    return found


@functools.cache
def failed(name: str) -> str:
    """Why a module of the target cannot be imported; empty when it can, or when there is no such module."""
    if name in modules():
        return ""
    parent = modules().get(name.rpartition(".")[0])
    known = [info.name for info in pkgutil.iter_modules(getattr(parent, "__path__", []))] if parent else []
    if name.rpartition(".")[2] not in known:
        return ""
    try:
        importlib.import_module(name)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return ""


@functools.cache
def exported() -> dict[str, Any]:
    """Public classes and functions of the target by name, where all modules that export a name mean the same object."""
    found: dict[str, list[Any]] = {}
    for module in modules().values():
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name, None) if isinstance(name, str) else None
            if (inspect.isclass(value) or inspect.isroutine(value)) and of_target(value):
                found.setdefault(name, []).append(value)
    return {name: values[0] for name, values in found.items() if all(value is values[0] for value in values)}


def dotted(obj: Any) -> str:
    """`Class`, `Class.method`, `function` or `package.module`: the short name a reader knows it by."""
    return obj.__name__ if isinstance(obj, ModuleType) else str(getattr(obj, "__qualname__", type(obj).__qualname__))


def home_of(obj: Any) -> Mapping[str, Any]:
    """The globals of the module that defines a class or function, and what it imports for type checkers only."""
    plain = inspect.unwrap(obj) if callable(obj) and not inspect.isclass(obj) else obj
    return _globals(getattr(plain, "__module__", None) or "")


@functools.cache
def _globals(name: str) -> Mapping[str, Any]:
    module = sys.modules.get(name)
    if module is None:
        return {}
    found: dict[str, Any] = {}
    try:
        tree = ast.parse(inspect.getsource(module)) if of_target(module) else ast.Module([], [])
    except (OSError, TypeError, SyntaxError):
        tree = ast.Module([], [])
    for node in (n for test in tree.body if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.unparse(test.test) for n in test.body):
        if isinstance(node, ast.ImportFrom) and not node.level:
            source = sys.modules.get(node.module or "")
            found |= {alias.asname or alias.name: getattr(source, alias.name, None) for alias in node.names}
    return {**found, **vars(module)}


@functools.cache
def subclasses(cls: type) -> tuple[type, ...]:
    """All classes of the target below `cls`."""
    return tuple(
        found
        for module in modules().values()
        for found in vars(module).values()
        if inspect.isclass(found) and found is not cls and of_target(found) and cls in found.__mro__
    )


@functools.cache
def namesakes(cls: type) -> tuple[type, ...]:
    """Other classes of the target with the same name: an annotation may have been meant for one of them."""
    found = (vars(module).get(cls.__name__) for module in modules().values())
    return tuple(dict.fromkeys(other for other in found if inspect.isclass(other) and other is not cls and of_target(other)))
