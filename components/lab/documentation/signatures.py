"""Compares signatures and members as a reference page writes them down with what the target has."""

import ast
import dataclasses
import difflib
import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from components.lab.documentation.calls import POSITIONAL
from components.lab.documentation.members import has_member, signature_of
from components.lab.documentation.mistakes import Mistake, listed, place, shown
from components.lab.documentation.target import exported, modules, of_target, subclasses
from components.lab.documentation.values import Instance, Known, Method

EMPTY = inspect.Parameter.empty
NO_LITERAL = object()


def owners(titles: Iterable[str], known: Mapping[str, Any]) -> list[type]:
    """Classes that the innermost fitting heading may mean: the one imported on the page, and all of that name."""
    for title in titles:
        found = [known.get(title), exported().get(title), *(vars(m).get(title) for m in modules().values())]
        if classes := [cls for cls in found if inspect.isclass(cls) and of_target(cls)]:
            return list(dict.fromkeys(classes))
    return []


def member_mistake(name: str, titles: Sequence[str], known: Mapping[str, Any], line: int) -> Mistake | None:
    """The mistake of documenting an attribute that no class has whose name is the first title."""
    classes = owners(titles[:1], known)
    if not classes or any(has_member(cls, name) for first in classes for cls in (first, *subclasses(first))):
        return None
    cls = classes[0]
    real = [key for key in (*dir(cls), *getattr(cls, "__annotations__", {})) if not key.startswith("_")]
    has = listed(f"no such attribute on {cls.__qualname__}", difflib.get_close_matches(name, list(dict.fromkeys(real)), n=3))
    return Mistake(line, "attribute", f"{cls.__qualname__}.{name}", f"documents {cls.__qualname__}.{name}", has)


def stub_mistakes(stub: Mapping[str, Any], titles: Sequence[str], strict: bool, known: Mapping[str, Any]) -> list[Mistake]:
    """What is wrong with a written-down signature, for the callable that fits it best.

    Without any callable of that name something is wrong only when the headings say for certain which class must have it.
    """
    name, line = str(stub["name"]), int(stub["line"])
    candidates = callables(name, titles, known)
    if candidates:
        function = ast.parse(str(stub["code"])).body[0]
        assert isinstance(function, ast.FunctionDef)
        return min((Comparison(function, candidate, line, bool(stub["elided"])).mistakes() for candidate in candidates), key=len)
    method = strict and name[:1].islower() and "." not in name and name not in exported()
    missing = member_mistake(name, titles, known, line) if method else None
    return [missing] if missing else []


def callables(name: str, titles: Iterable[str], known: Mapping[str, Any]) -> list[Known | Method]:
    """Every callable of the target that a signature may be meant for."""
    found: list[Known | Method] = []
    first, _, rest = name.partition(".")
    classes = owners([first] if rest else titles, known)
    if not rest:
        plain = [known.get(name), exported().get(name), *(vars(m).get(name) for m in modules().values())]
        found += [Known(obj) for obj in plain if obj is not None and callable(obj) and of_target(obj)]
    for cls in classes:
        static = inspect.getattr_static(cls, rest or name, None)
        if inspect.isfunction(static):
            found.append(Method(static, Instance(cls)))
        elif isinstance(static, classmethod | staticmethod):
            found.append(Known(getattr(cls, rest or name)))
    return [candidate for candidate in found if signature_of(candidate) is not None]


class Comparison:
    """A documented signature against a real one: the differences that make a call written from it fail or do something else."""

    def __init__(self, written: ast.FunctionDef, candidate: Known | Method, line: int, elided: bool) -> None:
        signature = signature_of(candidate)
        assert signature is not None
        self.candidate, self.line, self.elided = candidate, line, elided
        self.name, self.has = place(candidate), f"{place(candidate)}{shown(signature)}"
        self.real = signature.parameters
        self.args = written.args
        by_place = [*self.args.posonlyargs, *self.args.args]
        self.places = [arg for arg in by_place if arg.arg not in ("self", "cls")]
        self.documented = [arg.arg for arg in (*self.places, *self.args.kwonlyargs)]

    def mistakes(self) -> list[Mistake]:
        """All that is certain, or one that is not."""
        names = self.renamed()
        if names is not None:
            return names
        found = self.unknown() + self.required()
        return found or self.defaults() + self.order()

    def mistake(self, kind: str, what: str, does: str, has: str = "", doubt: str = "") -> Mistake:
        """A mistake of this signature."""
        return Mistake(self.line, kind, what, does, has or self.has, doubt)

    def absent(self) -> list[str]:
        """Documented parameters that are not there; one with an underscore in front counts as there."""
        named = {p.name for p in self.real.values()}
        return [name for name in self.documented if name not in named and f"_{name}" not in named]

    def renamed(self) -> list[Mistake] | None:
        """The doubtful mistake of naming required parameters differently, when that is all that is wrong with the names."""
        order = [p.name for p in self.real.values() if p.kind in POSITIONAL]
        required = {arg.arg for arg in self.places[: len(self.places) - len(self.args.defaults)]}
        absent = self.absent()
        pairs = {name: order[i] for i, name in enumerate(self.documented) if name in absent and name in required and i < len(order)}
        if not absent or set(pairs) != set(absent) or set(pairs.values()) & set(self.documented):
            return None
        text = ", ".join(f"{name} is {real}" for name, real in pairs.items())
        doubt = "only the names differ: a call by position works"
        return [self.mistake("keyword", f"{self.name}({text})", f"documents {', '.join(pairs)} of {self.name}", doubt=doubt)]

    def unknown(self) -> list[Mistake]:
        """Parameters that the target does not take."""
        absent = self.absent()
        if not absent or any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in self.real.values()):
            return []
        words = ", ".join(sorted(f"{name}=" for name in absent))
        return [self.mistake("keyword", f"{self.name}({words})", f"documents the parameter {words[:-1]} of {self.name}")]

    def required(self) -> list[Mistake]:
        """Required parameters that are not documented."""
        left_out = self.elided or self.args.vararg or self.args.kwarg
        wanted = [p.name for p in self.real.values() if p.default is EMPTY and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        names = ", ".join(name for name in wanted if not {name, name.lstrip("_")} & {*self.documented})
        if left_out or not names or self.absent():
            return []
        return [self.mistake("missing", f"{self.name}({names} missing)", f"leaves out the required {names} of {self.name}")]

    def order(self) -> list[Mistake]:
        """Required positional parameters in another order."""
        real = [p.name for p in self.real.values() if p.kind in POSITIONAL and p.default is EMPTY]
        mine = [arg.arg for arg in self.places if arg.arg in real]
        if [name for name in real if name in mine] == mine:
            return []
        return [self.mistake("positional", f"{self.name} has another order of parameters", f"documents the order {', '.join(mine)}")]

    def defaults(self) -> list[Mistake]:
        """Defaults that are plain values on both sides and differ, and defaults of what is required."""
        args = [*self.args.posonlyargs, *self.args.args]
        pairs = list(zip(args[len(args) - len(self.args.defaults) :], self.args.defaults, strict=True))
        pairs += [(arg, default) for arg, default in zip(self.args.kwonlyargs, self.args.kw_defaults, strict=True) if default is not None]
        found = []
        for arg, default in pairs:
            mine, parameter = literal(default), self.real.get(arg.arg)
            if mine is NO_LITERAL or parameter is None:
                continue
            text = f"documents {arg.arg}={ast.unparse(default)} of {self.name}"
            if parameter.default is EMPTY:
                found.append(self.mistake("missing", f"{self.name}({arg.arg}) is required", text))
            elif (theirs := self.plain(parameter)) is not NO_LITERAL and not alike(mine, theirs):
                found.append(self.mistake("default", f"{self.name}({arg.arg}={ast.unparse(default)})", text, f"{arg.arg}={theirs!r}"))
        return found

    def plain(self, parameter: inspect.Parameter) -> Any:
        """A default as a plain value; the one that a dataclass's factory makes; `NO_LITERAL` when it is something else."""
        cls = self.candidate.obj if isinstance(self.candidate, Known) else None
        for entry in dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ():
            if entry.name == parameter.name and entry.default_factory is not dataclasses.MISSING:
                return entry.default_factory() if entry.default_factory in (dict, list, set, tuple, frozenset) else NO_LITERAL
        value = parameter.default
        return value if value is None or isinstance(value, bool | int | float | str | bytes | tuple | frozenset) else NO_LITERAL


def literal(node: ast.expr) -> Any:
    """The value of a literal; `NO_LITERAL` for anything else."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return NO_LITERAL


def alike(mine: Any, theirs: Any) -> bool:
    """Whether two defaults mean the same to a reader: None and an empty collection do."""
    if mine == theirs and isinstance(mine, bool) == isinstance(theirs, bool):
        return True
    return empty(mine) and empty(theirs)


def empty(value: Any) -> bool:
    """None, or a collection without items."""
    return value is None or (isinstance(value, tuple | list | dict | set | frozenset) and not value)
