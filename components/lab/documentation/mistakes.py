"""How a mistake of documented code is noted and worded, and where a name that is missing may really be."""

import ast
import difflib
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

from components.lab.documentation.members import is_open
from components.lab.documentation.target import dotted, failed, modules, of_target
from components.lab.documentation.values import Alternative, Coro, Instance, Items, Known, Method

FORGIVING = {"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError"}
SIMPLE = (str, int, bool, float)


@dataclass(frozen=True)
class Mistake:
    """One use of the target that cannot work.

    Attributes:
        line: line of the block, from 1.
        kind: module, name, attribute, keyword, positional, missing, subscript, iteration, context, await, override, decorator, default.
        what: the mistake itself, the same text wherever it is made.
        does: what the documentation does, in a few words.
        has: what the target has instead.
        doubt: why it may not be a mistake after all; empty when it is certain.
    """

    line: int
    kind: str
    what: str
    does: str
    has: str
    doubt: str = ""


def shown(signature: inspect.Signature) -> str:
    """A signature without annotations, the same in every process."""
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return re.sub(r"<[^<>]*>", "…", str(signature.replace(parameters=bare, return_annotation=signature.empty)))


def place(alternative: Alternative) -> str:
    """What an alternative is called in a message."""
    match alternative:
        case Known(obj):
            return dotted(obj)
        case Instance(cls=cls) | Items(cls=cls):
            return cls.__qualname__
        case Method():
            return f"{alternative.owner.cls.__qualname__}.{alternative.function.__name__}"
        case Coro():
            return f"{alternative.label or 'it'}()"


def near(alternative: Alternative, name: str) -> list[str]:
    """Real attributes like a missing one."""
    cls = alternative.cls if isinstance(alternative, Instance | Items) else getattr(alternative, "obj", None)
    known = [key for key in dir(cls) if not key.startswith("_")] if cls is not None else []
    known += [key for base in getattr(cls, "__mro__", ()) for key in vars(base).get("__annotations__", {}) if not key.startswith("_")]
    return difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3)


def listed(text: str, names: Iterable[str]) -> str:
    """A text with the nearest real names behind it."""
    found = list(dict.fromkeys(names))
    return f"{text}; nearest: {', '.join(found)}" if found else text


def importable(module: ModuleType, name: str) -> bool:
    """Whether `from module import name` may work."""
    inside = f"{module.__name__}.{name}"
    return hasattr(module, name) or inside in modules() or "__getattr__" in vars(module) or bool(failed(inside))


def elsewhere(module: str, name: str) -> list[str]:
    """Where a name that is missing in a module really is, or else a name of the module like it."""
    found = [m.__name__ for m in modules().values() if name in getattr(m, "__all__", ())]
    found = found or [m.__name__ for m in modules().values() if name in vars(m)]
    alike = difflib.get_close_matches(name, [key for key in dir(modules()[module]) if not key.startswith("_")], n=1)
    return [f"{min(found, key=lambda other: (len(other), other))}.{name}"] if found else alike


def lacks(alternative: Alternative, methods: tuple[str, ...]) -> bool:
    """It is certain that objects of this kind have none of the special methods."""
    if not isinstance(alternative, Instance):
        return False
    cls = alternative.cls
    if cls in SIMPLE:
        return not any(hasattr(cls, name) for name in methods)
    if is_open(cls) or not of_target(cls) or any(hasattr(cls, name) for name in methods):
        return False
    return alternative.exact or not (inspect.isabstract(cls) or "Base" in cls.__name__)


def cannot_await(alternative: Alternative) -> bool:
    """It is certain that this cannot be awaited."""
    nothing = isinstance(alternative, Known) and alternative.obj is None
    return nothing or isinstance(alternative, Items) or lacks(alternative, ("__await__",))


def unawaited(alternative: Alternative) -> bool:
    """The result of a coroutine function of the target that nobody has awaited yet."""
    return isinstance(alternative, Coro) and bool(alternative.label)


def binds(node: ast.AST) -> Iterator[str]:
    """Names that a node binds."""
    match node:
        case ast.Import():
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        case ast.ImportFrom():
            yield from (alias.asname or alias.name for alias in node.names)
        case ast.Name(ctx=ast.Store() | ast.Del()):
            yield node.id
        case ast.arg():
            yield node.arg
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(rest)):
            yield rest


def guarded(node: ast.AST) -> frozenset[str]:
    """Expressions that the code itself asks what they are."""
    return frozenset(ast.unparse(call.args[0]) for call in _calls(node, ("isinstance", "callable", "issubclass")))


def asked(node: ast.AST) -> frozenset[str]:
    """Attributes that the code itself asks whether they are there."""
    pairs = (call.args for call in _calls(node, ("hasattr",)) if len(call.args) == 2)
    named = ((obj, name.value) for obj, name in pairs if isinstance(name, ast.Constant))
    return frozenset(f"{ast.unparse(obj)}.{name}" for obj, name in named if isinstance(name, str))


def _calls(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.Call]:
    return (n for n in ast.walk(node) if isinstance(n, ast.Call) and n.args and getattr(n.func, "id", "") in names)


def forgiven(tree: ast.AST) -> set[int]:
    """Ids of the nodes that stand where the code expects a mistake to fail."""
    return {id(inner) for node in ast.walk(tree) for part in _expecting(node) for inner in ast.walk(part)}


def _expecting(node: ast.AST) -> list[ast.stmt]:
    """The body of a statement that expects it to fail in the way that a mistake fails."""
    if isinstance(node, ast.Try):
        kinds = [part for h in node.handlers for part in (h.type.elts if isinstance(h.type, ast.Tuple) else [h.type])]
        return node.body if any(isinstance(kind, ast.Name) and kind.id in FORGIVING for kind in kinds) else []
    if isinstance(node, ast.With | ast.AsyncWith):
        calls = [item.context_expr.func for item in node.items if isinstance(item.context_expr, ast.Call)]
        return node.body if any(getattr(call, "attr", getattr(call, "id", "")) in ("raises", "suppress") for call in calls) else []
    return []
