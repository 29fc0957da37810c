"""Follows documented code without running it, and says which uses of the target cannot work: only what is certain.

Values come from imports, signatures and annotations (see `values`); what is not known is never reported. A variable is
known within its own block only: the `ctx` of a later block may be another one. Imports, classes and functions hold for the page.
"""

import ast
import difflib
import inspect
from collections.abc import Iterable
from types import ModuleType

from components.lab.documentation.calls import POSITIONAL, overridden
from components.lab.documentation.expressions import Expressions, Scope
from components.lab.documentation.members import member, result_of
from components.lab.documentation.mistakes import (
    Mistake,
    asked,
    binds,
    elsewhere,
    forgiven,
    guarded,
    importable,
    lacks,
    listed,
    place,
    shown,
    unawaited,
)
from components.lab.documentation.target import PACKAGE, dotted, exported, failed, home_of, modules, of_target
from components.lab.documentation.values import UNKNOWN, Coro, Instance, Known, Value, annotation_value, merged

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LASTING = (ast.Import, ast.ImportFrom, ast.ClassDef, *FUNCTIONS)


class Resolver(Expressions):
    """Resolves the blocks of one page, in order."""

    def __init__(self, sources: Iterable[str], implied: Iterable[str]) -> None:
        super().__init__({name for source in sources for node in ast.walk(ast.parse(source)) for name in binds(node)}, implied)
        self.later: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, Scope, type | None]] = []

    def block(self, source: str, *, elided: bool = False) -> list[Mistake]:
        """The mistakes of one block; what it imports and defines is known to those after it."""
        tree = ast.parse(source)
        self.mistakes, self.elided, self.later = [], elided, []
        self.forgiven, self.asked = forgiven(tree), asked(tree)
        scope = Scope(names=dict(self.page), guarded=guarded(tree))
        self.run(tree.body, scope)
        while self.later:
            self.function(*self.later.pop(0))
        for node in tree.body:
            if isinstance(node, LASTING):
                self.page |= {name: scope.names.get(name, UNKNOWN) for name in binds(node)}
        return list(dict.fromkeys(sorted(self.mistakes, key=lambda m: (m.line, m.what))))

    def run(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        """Follow statements in order."""
        for node in body:
            self.statement(node, scope)

    def branch(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        """Follow statements that may not run."""
        scope.branches += 1
        self.run(body, scope)
        scope.branches -= 1

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """Follow one statement."""
        match node:
            case ast.Import():
                self.imported_modules(node, scope)
            case ast.ImportFrom():
                self.imported_names(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.decorated(node, scope)
                scope.bind(node.name, UNKNOWN)
                self.later.append((node, scope, scope.base))
            case ast.ClassDef():
                self.class_(node, scope)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Expr():
                self.simple(node, scope)
            case _:
                self.compound(node, scope)

    def simple(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr, scope: Scope) -> None:
        """Follow an assignment, or an expression whose value nobody uses."""
        value = self.value(node.value, scope) if node.value else UNKNOWN
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self.target(target, value, scope)
        elif isinstance(node, ast.AnnAssign):
            self.target(node.target, value or annotation_value(ast.unparse(node.annotation), self.home(scope)), scope)
        elif isinstance(node, ast.AugAssign):
            self.target(node.target, UNKNOWN, scope)
        elif value and isinstance(node.value, ast.Call) and all(map(unawaited, value)):
            name = place(value[0])
            has = "a coroutine function: without await nothing happens"
            self.report(node, "await", f"{name} not awaited", f"calls {name} as a statement", has)

    def compound(self, node: ast.stmt, scope: Scope) -> None:
        """Follow a statement with statements inside."""
        match node:
            case ast.For() | ast.AsyncFor():
                self.target(node.target, self.item(node.iter, scope, awaited=isinstance(node, ast.AsyncFor)), scope)
                self.branch([*node.body, *node.orelse], scope)
            case ast.While() | ast.If():
                self.value(node.test, scope)
                self.branch(node.body, scope)
                self.branch(node.orelse, scope)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.entered(item, scope, awaited=isinstance(node, ast.AsyncWith))
                self.run(node.body, scope)
            case ast.Try() | ast.TryStar():
                self.tried(node, scope)
            case _:
                self.children(node, scope)

    def decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: Scope) -> None:
        """Follow decorators and defaults; a decorator that returns nothing takes away what it decorates."""
        for decorator in node.decorator_list:
            for found in self.value(decorator, scope):
                if isinstance(found, Known) and inspect.isfunction(found.obj) and gives_nothing(result_of(found)):
                    name = dotted(found.obj)
                    has = f"{name}{shown(inspect.signature(found.obj))} returns None, so {node.name} is None afterwards"
                    self.report(decorator, "decorator", f"@{name}", f"decorates {node.name} with {name}", has)
        if not isinstance(node, ast.ClassDef):
            for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]:
                self.value(default, scope)

    def class_(self, node: ast.ClassDef, scope: Scope) -> None:
        """Follow a class; methods that override the target's must be callable as those are."""
        self.decorated(node, scope)
        bases = [a.obj for base in node.bases for a in self.value(base, scope) if isinstance(a, Known) and inspect.isclass(a.obj)]
        for keyword in node.keywords:
            self.value(keyword.value, scope)
        inner = Scope(scope, guarded=scope.guarded)
        for part in node.body:
            if not isinstance(part, FUNCTIONS):
                self.statement(part, inner)
                continue
            self.decorated(part, inner)
            self.later.append((part, scope, bases[0] if len(bases) == len(node.bases) == 1 and of_target(bases[0]) else None))
            for refusal in (overridden(part, base) for base in bases if not self.elided):
                if refusal:
                    self.report(refusal.at, refusal.kind, refusal.what, refusal.does, refusal.has)
        scope.bind(node.name, UNKNOWN)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, base: type | None) -> None:
        """Follow the body of a function; its parameters are what their annotations say. `base` is that of a method's class."""
        inner = Scope(scope, guarded=scope.guarded | guarded(node), base=base)
        home, args, promised = self.home(scope), node.args, inherited(node, base)
        for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs]:
            written = annotation_value(ast.unparse(arg.annotation), home) if arg.annotation else UNKNOWN
            inner.bind(arg.arg, written or (UNKNOWN if arg.annotation else promised.get(arg.arg, UNKNOWN)))
        for rest in (args.vararg, args.kwarg):
            if rest:
                inner.bind(rest.arg, UNKNOWN)
        self.run(node.body, inner)

    def tried(self, node: ast.Try | ast.TryStar, scope: Scope) -> None:
        """Follow a try statement; a caught exception has the attributes of its class."""
        self.branch(node.body, scope)
        for handler in node.handlers:
            caught = self.value(handler.type, scope) if handler.type else UNKNOWN
            if handler.name:
                scope.bind(handler.name, tuple(Instance(a.obj) for a in caught if isinstance(a, Known) and inspect.isclass(a.obj)))
            self.branch(handler.body, scope)
        self.branch([*node.orelse, *node.finalbody], scope)

    def entered(self, item: ast.withitem, scope: Scope, *, awaited: bool) -> None:
        """Follow one `with` item."""
        base = self.value(item.context_expr, scope)
        wanted, word = ("__aenter__", "async with") if awaited else ("__enter__", "with")
        if base and all(unawaited(a) or lacks(a, (wanted,)) for a in base):
            name = place(base[0])
            self.report(item.context_expr, "context", f"{word} {name}", f"enters {name} by `{word}`", f"it has no {wanted}")
        if not item.optional_vars:
            return
        methods = [m for a in base for m in ((member(a, wanted) if isinstance(a, Instance) else None) or (None,))]
        given = merged(*(result_of(m) if m else UNKNOWN for m in methods)) if methods else UNKNOWN
        if awaited:
            given = merged(*(a.inner if isinstance(a, Coro) else UNKNOWN for a in given)) if given else UNKNOWN
        self.target(item.optional_vars, given, scope)

    def imported_modules(self, node: ast.Import, scope: Scope) -> None:
        """Check and bind `import a.b`."""
        for alias in node.names:
            root = alias.name.partition(".")[0]
            found = None
            if root == PACKAGE:
                self.module(alias.name, node)
                found = modules().get(alias.name if alias.asname else root)
            scope.bind(alias.asname or root, (Known(found),) if found else UNKNOWN)

    def imported_names(self, node: ast.ImportFrom, scope: Scope) -> None:
        """Check and bind `from a import b`; names that are missing together are one mistake."""
        name = node.module or ""
        ours = node.level == 0 and name.partition(".")[0] == PACKAGE
        module = modules()[name] if ours and self.module(name, node) else None
        absent = [a.name for a in node.names if module and a.name != "*" and not importable(module, a.name)]
        if absent:
            alike = [found for missing in absent for found in elsewhere(name, missing)]
            first = next(alias for alias in node.names if alias.name in absent)
            does = f"imports {', '.join(absent)} from {name}"
            self.report(first, "name", f"{name}:{', '.join(sorted(absent))}", does, listed("no such name there", alike[:3]))
        for alias in node.names:
            value = UNKNOWN
            if module and alias.name not in absent:
                value = imported(module, alias.name)
            elif ours and alias.name in exported():
                value = (Known(exported()[alias.name]),)
            scope.bind(alias.asname or alias.name, value)

    def module(self, name: str, node: ast.AST) -> bool:
        """Whether a module of the target is there; a mistake when it is not, unless it only lacks a package."""
        if name in modules():
            return True
        if not failed(name):
            last = name.rpartition(".")[2]
            alike = [other for other in modules() if other.rpartition(".")[2] == last] or difflib.get_close_matches(name, modules(), n=2)
            self.report(node, "module", f"module {name}", f"imports {name}", listed("there is no such module", alike))
        return False


def inherited(node: ast.FunctionDef | ast.AsyncFunctionDef, base: type | None) -> dict[str, Value]:
    """What the parameters of a method are when it replaces one of the target's, which is called with what that one takes."""
    theirs = inspect.getattr_static(base, node.name, None) if base else None
    if not inspect.isfunction(theirs) or node.decorator_list:
        return {}
    asked = [p for p in inspect.signature(theirs).parameters.values() if p.kind in POSITIONAL]
    pairs = zip([*node.args.posonlyargs, *node.args.args][1:], asked[1:], strict=False)
    return {arg.arg: annotation_value(parameter.annotation, home_of(theirs), base) for arg, parameter in pairs}


def imported(module: ModuleType, name: str) -> Value:
    """What `from module import name` gives."""
    found = getattr(module, name, None) if hasattr(module, name) else modules().get(f"{module.__name__}.{name}")
    return UNKNOWN if found is None else (Known(found),)


def gives_nothing(value: Value) -> bool:
    """The value is None for certain."""
    return len(value) == 1 and isinstance(value[0], Known) and value[0].obj is None
