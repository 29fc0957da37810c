"""Finds names that a piece of code takes from stageflow and that stageflow does not have; the code is only parsed."""

import ast
import difflib
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field

from agent.core.tool import Record
from tools.target_api import PACKAGE, Api

FORGIVING = {"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "Exception", "BaseException"}


class Unresolved(Record):
    """A use of stageflow that cannot work."""

    line: int = Field(description="line of the code, from 1")
    kind: Literal["module", "name", "attribute", "keyword"] = Field(description="what does not exist")
    name: str = Field(description="the module, name or attribute with its full path; for a keyword `callable(keyword=)`")
    message: str = Field(description="what is wrong, in one sentence")
    suggestions: tuple[str, ...] = Field(description="real names like it")


def resolve_names(code: str, api: Api) -> list[Unresolved]:
    """Imports, attributes and keyword arguments of stageflow in `code` that do not exist, by line.

    Only what is certain is reported: not names that are bound again elsewhere in the code, not what stands where
    its failure is expected, nothing behind a module's `__getattr__`.

    Raises:
        SyntaxError: the code cannot be parsed.
    """
    tree = ast.parse(code)
    guarded = {id(inner) for node in ast.walk(tree) if _forgives(node) for part in _body(node) for inner in ast.walk(part)}
    nodes = [node for node in ast.walk(tree) if id(node) not in guarded]
    found = [*_imports(nodes, api)]
    bindings = _bindings(tree)
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            found += _attribute(node, bindings, api)
        elif isinstance(node, ast.Call):
            found += _keywords(node, bindings, api)
    return sorted(found, key=lambda problem: (problem.line, problem.name))


def _forgives(node: ast.AST) -> bool:
    """The statement expects its body to fail: `try` with a fitting handler, or `with pytest.raises(...)`."""
    if isinstance(node, ast.Try):
        kinds = [part for h in node.handlers for part in (h.type.elts if isinstance(h.type, ast.Tuple) else [h.type])]
        return any(kind is None or (isinstance(kind, ast.Name) and kind.id in FORGIVING) for kind in kinds)
    if isinstance(node, ast.With | ast.AsyncWith):
        calls = [item.context_expr.func for item in node.items if isinstance(item.context_expr, ast.Call)]
        return any(getattr(call, "attr", getattr(call, "id", "")) in ("raises", "suppress") for call in calls)
    return False


def _body(node: ast.AST) -> list[ast.stmt]:
    body: list[ast.stmt] = getattr(node, "body", [])
    return body


def _ours(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == PACKAGE


def _imports(nodes: Iterable[ast.AST], api: Api) -> Iterator[Unresolved]:
    """Problems of import statements."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _ours(alias.name):
                    yield from _module(alias.name, node.lineno, api)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and _ours(node.module):
            module = node.module or ""
            problems = list(_module(module, node.lineno, api))
            yield from problems
            for alias in () if problems or module not in api.modules else node.names:
                if alias.name != "*" and not api.modules[module].open and api.child(module, alias.name) is None:
                    yield Unresolved(
                        line=node.lineno,
                        kind="name",
                        name=f"{module}.{alias.name}",
                        message=f"{module} has no name {alias.name!r}",
                        suggestions=api.nearest(f"{module}.{alias.name}"),
                    )


def _module(name: str, line: int, api: Api) -> Iterator[Unresolved]:
    """The problem of importing a module, if there is one."""
    if name in api.modules:
        return
    message = f"{name} cannot be imported: {api.failed[name]}" if name in api.failed else f"there is no module {name}"
    last = name.rpartition(".")[2]
    alike = [module for module in api.modules if module.rpartition(".")[2] == last and module != name]
    yield Unresolved(line=line, kind="module", name=name, message=message, suggestions=tuple(alike[:3]) or api.nearest(name))


def _bindings(tree: ast.AST) -> dict[str, str]:
    """Local name -> dotted stageflow name, for names that the code binds in this one way only."""
    bound: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        for name, target in _bound_by(node):
            bound.setdefault(name, set()).add(target)
    return {name: next(iter(targets)) for name, targets in bound.items() if len(targets) == 1 and _ours(next(iter(targets)))}


def _bound_by(node: ast.AST) -> Iterator[tuple[str, str]]:
    """(name, what it is bound to) of one node; anything but stageflow counts as an empty text."""
    match node:
        case ast.Import():
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0], alias.name.partition(".")[0])
        case ast.ImportFrom():
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}" if node.level == 0 else ""
        case ast.Name(ctx=ast.Store() | ast.Del()):
            yield node.id, ""
        case ast.arg():
            yield node.arg, ""
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, ""
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, ""
        case ast.MatchMapping(rest=str(rest)):
            yield rest, ""


def _dotted(node: ast.expr, bindings: dict[str, str]) -> str:
    """Dotted stageflow name that an expression of names and dots stands for; empty when it is something else."""
    if isinstance(node, ast.Name):
        return bindings.get(node.id, "")
    if isinstance(node, ast.Attribute) and (base := _dotted(node.value, bindings)):
        return f"{base}.{node.attr}"
    return ""


def _attribute(node: ast.Attribute, bindings: dict[str, str], api: Api) -> Iterator[Unresolved]:
    """The problem of `module.name` or `Class.name`, if there is one."""
    dotted = _dotted(node.value, bindings)
    base = api.bound(dotted) if dotted else None
    if base is None or node.attr.startswith("__"):
        return
    if base in api.modules:
        missing = not api.modules[base].open and api.child(base, node.attr) is None
    else:
        known = api.symbols[base]
        missing = known.kind == "class" and node.attr not in known.members and not hasattr(type, node.attr)
    if not missing:
        return
    shown = base if base in api.modules else base.rpartition(".")[2]
    yield Unresolved(
        line=node.end_lineno or node.lineno,
        kind="attribute",
        name=f"{base}.{node.attr}",
        message=f"{shown} has no attribute {node.attr!r}",
        suggestions=api.nearest(f"{base}.{node.attr}"),
    )


def _keywords(node: ast.Call, bindings: dict[str, str], api: Api) -> Iterator[Unresolved]:
    """Keywords of a call that the called class, function or method does not accept."""
    dotted = _dotted(node.func, bindings)
    called = api.symbols.get(api.bound(dotted) or "") if dotted else None
    if called is None or called.any_keyword or called.kind not in ("class", "function", "method"):
        return
    for keyword in node.keywords:
        if keyword.arg is not None and keyword.arg not in called.keywords:
            short = dotted.rpartition(".")[2]
            yield Unresolved(
                line=keyword.lineno,
                kind="keyword",
                name=f"{dotted}({keyword.arg}=)",
                message=f"{short} takes no argument {keyword.arg!r}; it takes {', '.join(called.keywords) or 'none by keyword'}",
                suggestions=tuple(difflib.get_close_matches(keyword.arg, called.keywords, n=3, cutoff=0.5)),
            )
