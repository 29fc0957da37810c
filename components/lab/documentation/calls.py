"""Whether the target can be called as documented code calls it."""

import ast
import difflib
import inspect
from dataclasses import dataclass

from components.lab.documentation.members import is_open, signature_of
from components.lab.documentation.mistakes import place, shown
from components.lab.documentation.target import dotted, of_target
from components.lab.documentation.values import Alternative, Instance, Known

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Refusal:
    """Why a call cannot work; `at` is the part of the call that is wrong, the rest as in a mistake."""

    at: ast.AST
    kind: str
    what: str
    does: str
    has: str


def refused(called: Alternative, node: ast.Call, *, elided: bool) -> Refusal | None:
    """Why the target cannot be called so; None when it can, or when that is not certain."""
    name = place(called)
    if not_callable(called):
        return Refusal(node, "positional", f"{name}() is no function", f"calls {name}", "it cannot be called")
    signature = signature_of(called)
    if signature is None:
        return None
    return _keywords(name, signature, node) or (None if elided or is_partial(node) else _binding(name, signature, node))


def not_callable(called: Alternative) -> bool:
    """It is certain that it cannot be called."""
    if isinstance(called, Known):
        return not callable(called.obj)
    return isinstance(called, Instance) and called.exact and not callable(getattr(called.cls, "__call__", None)) and not is_open(called.cls)  # noqa: B004


def _keywords(name: str, signature: inspect.Signature, node: ast.Call) -> Refusal | None:
    """Keywords that are not taken."""
    parameters = signature.parameters.values()
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    wrong = [keyword for keyword in node.keywords if keyword.arg and keyword.arg not in named]
    if not wrong or any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    words = ", ".join(sorted(f"{keyword.arg}=" for keyword in wrong))
    alike = [found for keyword in wrong for found in difflib.get_close_matches(str(keyword.arg), named, n=1)]
    has = f"{name}{shown(signature)}" + (f"; nearest: {', '.join(alike)}" if alike else "")
    return Refusal(wrong[0].value, "keyword", f"{name}({words})", f"passes {words} to {name}", has)


def _binding(name: str, signature: inspect.Signature, node: ast.Call) -> Refusal | None:
    """Too many positional arguments, too few, or one given twice."""
    try:
        signature.bind(*[None] * len(node.args), **{str(k.arg): None for k in node.keywords})
        return None
    except TypeError as error:
        text = str(error)
    kind = "missing" if "missing" in text else "positional"
    what = f"{name}({text.partition(':')[2].strip()} missing)" if kind == "missing" else f"{name}() {text}"
    if "too many positional" in text:
        what = f"{name}(more than {sum(p.kind in POSITIONAL for p in signature.parameters.values())} positional)"
    words = ([f"{len(node.args)} positional"] if node.args else []) + [f"{k.arg}=" for k in node.keywords]
    return Refusal(node, kind, what, f"calls {name} with {', '.join(words) or 'no arguments'}", f"{name}{shown(signature)}")


def is_partial(node: ast.Call) -> bool:
    """Arguments are unpacked, or left out as `...`."""
    starred = any(isinstance(a, ast.Starred) or (isinstance(a, ast.Constant) and a.value is ...) for a in node.args)
    return starred or any(k.arg is None for k in node.keywords)


def overridden(node: ast.FunctionDef | ast.AsyncFunctionDef, base: type) -> Refusal | None:
    """Why the target cannot call a method as it calls the one of its own class that the method replaces."""
    theirs = inspect.getattr_static(base, node.name, None)
    if not inspect.isfunction(theirs) or not of_target(base) or node.name.startswith("__") or node.decorator_list:
        return None
    mine, asked = node.args, list(inspect.signature(theirs).parameters.values())[1:]
    if any(p.kind is p.VAR_POSITIONAL for p in asked):
        return None
    room = len(mine.posonlyargs) + len(mine.args) - 1
    least = sum(p.kind in POSITIONAL and p.default is p.empty for p in asked)
    most = sum(p.kind in POSITIONAL for p in asked)
    if (room >= least or mine.vararg) and room - len(mine.defaults) <= most:
        return None
    what = f"{dotted(base)}.{node.name} overridden with other parameters"
    return Refusal(node, "override", what, f"defines {node.name}({ast.unparse(mine)})", f"{node.name}{inspect.signature(theirs)}")
