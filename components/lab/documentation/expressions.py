"""Follows the expressions of documented code without running them, and notes the uses of the target that cannot work."""

import abc
import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.lab.documentation.calls import refused
from components.lab.documentation.members import attribute_of, result_of
from components.lab.documentation.mistakes import Mistake, binds, cannot_await, guarded, lacks, listed, near, place, unawaited
from components.lab.documentation.target import exported
from components.lab.documentation.values import UNKNOWN, Coro, Items, Known, Value, merged

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


@dataclass
class Scope:
    """The names of a module or function, with everything they were ever bound to.

    Attributes:
        parent: the scope around it.
        names: what each name is now.
        history: all that it has been here.
        guarded: expressions that the code itself asks what they are; they are never taken for known.
        branches: how many branches that may not run the code is in.
        base: the target's class that the class around a method derives from, when that is the only base.
    """

    parent: "Scope | None" = None
    names: dict[str, Value] = field(default_factory=dict)
    history: dict[str, list[Value]] = field(default_factory=dict)
    guarded: frozenset[str] = frozenset()
    branches: int = 0
    base: type | None = None

    def bind(self, name: str, value: Value) -> None:
        """Bind a name; in a branch it keeps what it may have been before."""
        if self.branches and name in self.names:
            value = merged(self.names[name], value)
        self.names[name] = value
        self.history.setdefault(name, []).append(value)

    def find(self, name: str) -> Value | None:
        """What the name is; None when nothing here binds it. In an outer scope it may be any of its values."""
        if name in self.names:
            return self.names[name]
        outer = self.parent
        while outer:
            if name in outer.history:
                return merged(*outer.history[name])
            if name in outer.names:
                return outer.names[name]
            outer = outer.parent
        return None


class Expressions(abc.ABC):
    """Follows expressions; `report` notes a mistake unless the code expects the failure."""

    def __init__(self, taken: set[str], implied: Iterable[str]) -> None:
        self.taken = taken
        self.implied = {name: exported()[name] for name in implied if inspect.isclass(exported().get(name))}
        self.page: dict[str, Value] = {}
        self.mistakes: list[Mistake] = []
        self.elided = False
        self.forgiven: set[int] = set()
        self.asked: frozenset[str] = frozenset()

    def report(self, node: ast.AST, kind: str, what: str, does: str, has: str) -> None:
        """Note a mistake."""
        if id(node) not in self.forgiven:
            self.mistakes.append(Mistake(getattr(node, "lineno", 1), kind, what, does, has))

    @abc.abstractmethod
    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """Follow one statement; the resolver knows how."""

    def children(self, node: ast.AST, scope: Scope) -> None:
        """Follow everything below a node of no special meaning."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, scope)
            elif isinstance(child, ast.stmt):
                scope.branches += 1
                self.statement(child, scope)
                scope.branches -= 1
            else:
                for name in binds(child):
                    scope.bind(name, UNKNOWN)
                self.children(child, scope)

    def home(self, scope: Scope) -> Mapping[str, Any]:
        """Objects by name, for reading annotations; what is not known for certain is None."""
        names: dict[str, Any] = dict.fromkeys(self.taken)
        chain: list[Mapping[str, Value]] = []
        at: Scope | None = scope
        while at:
            chain.append(at.names)
            at = at.parent
        for known in [self.page, *reversed(chain)]:
            names |= {key: value[0].obj if len(value) == 1 and isinstance(value[0], Known) else None for key, value in known.items()}
        return names

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """What an expression is; mistakes below it are noted."""
        follow = self.followers().get(type(node))
        if follow is None:
            self.children(node, scope)
            return UNKNOWN
        found = follow(node, scope)
        return UNKNOWN if scope.guarded and ast.unparse(node) in scope.guarded else found

    def followers(self) -> Mapping[type[ast.expr], Callable[[Any, Scope], Value]]:
        """How to follow each sort of expression that can be known; everything else is unknown."""
        return {
            ast.Name: self.name,
            ast.Attribute: self.attribute,
            ast.Call: self.call,
            ast.Await: self.awaited,
            ast.Subscript: self.subscript,
            ast.IfExp: self.either,
            ast.BoolOp: self.any_of,
            ast.NamedExpr: self.named,
            ast.Lambda: self.lambda_,
            ast.ListComp: self.comprehension,
            ast.SetComp: self.comprehension,
            ast.GeneratorExp: self.comprehension,
            ast.DictComp: self.comprehension,
        }

    def name(self, node: ast.Name, scope: Scope) -> Value:
        """What a name is: bound here, imported on this page, or left to the reader to import when it can only be one thing."""
        found = scope.find(node.id)
        if found is not None:
            return found
        return (Known(self.implied[node.id]),) if node.id in self.implied and node.id not in self.taken else UNKNOWN

    def either(self, node: ast.IfExp, scope: Scope) -> Value:
        """One of two."""
        self.value(node.test, scope)
        return merged(self.value(node.body, scope), self.value(node.orelse, scope))

    def any_of(self, node: ast.BoolOp, scope: Scope) -> Value:
        """One of several."""
        return merged(*[self.value(part, scope) for part in node.values])

    def named(self, node: ast.NamedExpr, scope: Scope) -> Value:
        """An assignment inside an expression."""
        value = self.value(node.value, scope)
        scope.bind(node.target.id, value)
        return value

    def lambda_(self, node: ast.Lambda, scope: Scope) -> Value:
        """A function without a name; nothing is known of its parameters."""
        inner = Scope(scope, guarded=scope.guarded)
        for arg in ast.walk(node.args):
            if isinstance(arg, ast.arg):
                inner.bind(arg.arg, UNKNOWN)
        self.value(node.body, inner)
        return UNKNOWN

    def comprehension(self, node: Comprehension, scope: Scope) -> Value:
        """A comprehension, in a scope of its own."""
        inner = Scope(scope, names=dict(scope.names), guarded=scope.guarded | guarded(node))
        for part in node.generators:
            self.target(part.target, self.item(part.iter, inner, awaited=bool(part.is_async)), inner)
            for test in part.ifs:
                self.value(test, inner)
        for made in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.value(made, inner)
        return UNKNOWN

    def target(self, node: ast.expr, value: Value, scope: Scope) -> None:
        """Bind an assignment's target."""
        if isinstance(node, ast.Name):
            scope.bind(node.id, value)
        elif isinstance(node, ast.Tuple | ast.List):
            for part in node.elts:
                self.target(part.value if isinstance(part, ast.Starred) else part, UNKNOWN, scope)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            self.value(node.value, scope)

    def attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        """What `base.name` is; a mistake when no alternative has it."""
        base = self.value(node.value, scope)
        if node.attr == "__init__" and scope.base and isinstance(node.value, ast.Call) and ast.unparse(node.value) == "super()":
            return (Known(scope.base),)
        found = [attribute_of(alternative, node.attr) for alternative in base]
        if not base or any(value is not None for value in found):
            return merged(*(value or UNKNOWN for value in found))
        if ast.unparse(node) not in self.asked:
            first = base[0]
            has = listed(f"no such attribute on {place(first)}", near(first, node.attr))
            if isinstance(first, Coro):
                has = f"{place(first)} gives a coroutine, which has no {node.attr}: it must be awaited first"
            self.report(node, "attribute", f"{place(first)}.{node.attr}", f"uses {place(first)}.{node.attr}", has)
        return UNKNOWN

    def subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        """What `base[...]` is; a mistake when no alternative can be subscripted."""
        self.value(node.slice, scope)
        base = self.value(node.value, scope)
        if base and isinstance(node.ctx, ast.Load) and all(unawaited(a) or lacks(a, ("__getitem__",)) for a in base):
            name = place(base[0])
            if unawaited(base[0]):
                self.report(node, "await", f"{name} not awaited", f"subscripts {name}", "a coroutine: it must be awaited first")
            else:
                has = listed("it cannot be subscripted", near(base[0], "get"))
                self.report(node, "subscript", f"{name}[...]", f"subscripts {name}", has)
            return UNKNOWN
        items = [a.item for a in base if isinstance(a, Items)]
        return merged(*items) if items and len(items) == len(base) and not isinstance(node.slice, ast.Slice) else UNKNOWN

    def item(self, node: ast.expr, scope: Scope, *, awaited: bool) -> Value:
        """What iterating over an expression gives; a mistake when that is not possible."""
        base = self.value(node, scope)
        wanted = ("__aiter__",) if awaited else ("__iter__", "__getitem__")
        if base and all(unawaited(a) or lacks(a, wanted) for a in base):
            name, word = place(base[0]), "async for" if awaited else "for"
            has = "a coroutine: it must be awaited first" if unawaited(base[0]) else f"it has no {wanted[0]}"
            self.report(node, "iteration", f"{word} over {name}", f"iterates over {name}", has)
        items = [a.item for a in base if isinstance(a, Items) and a.cls is not dict]
        return merged(*items) if items and len(items) == len(base) else UNKNOWN

    def awaited(self, node: ast.Await, scope: Scope) -> Value:
        """What awaiting gives; a mistake when it is certain that this cannot be awaited."""
        base = self.value(node.value, scope)
        inner = [a.inner for a in base if isinstance(a, Coro)]
        if inner and len(inner) == len(base):
            return merged(*inner)
        if (
            base
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name | ast.Attribute)
            and all(map(cannot_await, base))
        ):
            name = ast.unparse(node.value.func)
            has = f"it is no coroutine function: it returns {place(base[0])}"
            self.report(node, "await", f"await {name}()", f"awaits {name}()", has)
        return UNKNOWN

    def call(self, node: ast.Call, scope: Scope) -> Value:
        """Check a call, and say what it gives."""
        called = self.value(node.func, scope)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.value(argument.value if isinstance(argument, ast.Starred) else argument, scope)
        refusals = [refused(alternative, node, elided=self.elided) for alternative in called]
        if refusals and all(refusals) and (first := refusals[0]):
            self.report(first.at, first.kind, first.what, first.does, first.has)
        return merged(*(result_of(alternative) for alternative in called)) if called else UNKNOWN
