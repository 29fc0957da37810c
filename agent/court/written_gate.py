"""What code that a model wrote may contain, before any of it runs: it builds a workload, and cannot reach what judges it."""

import ast
import re
import unicodedata
from collections.abc import Iterator

MODULES = ("stageflow", "asyncio", "dataclasses", "typing", "datetime", "uuid", "enum")
"""What may be imported, as in `components.lab.written_kit`."""
LINES = 40
LONGEST = 140
ASYNCIO = {
    "sleep", "gather", "wait_for", "timeout", "TaskGroup", "Event", "Lock", "Semaphore", "Queue", "TimeoutError",
}  # fmt: skip
"""The names of asyncio that a workload may use; nothing that starts processes, opens connections or swallows a cancellation."""
CHANGES = {"append", "extend", "insert", "update", "setdefault", "pop", "popitem", "clear", "remove", "discard", "add", "sort", "reverse"}
RUNS_STAGES = "stages"
"""The entry function whose workload runs while the loop is watched."""
ONLY_ASYNCIO = f"of asyncio only {', '.join(sorted(ASYNCIO))} may be used"


def objections(code: str, entry: str) -> list[str]:
    """Why the code may not run, each with its line; empty when it may. `entry` is the function it has to define."""
    lines = [line for line in code.splitlines() if line.strip()]
    if len(lines) > LINES or any(len(line) > LONGEST for line in lines):
        return [f"the code may have at most {LINES} lines of {LONGEST} characters; it has {len(lines)}"]
    if any(unicodedata.category(character).startswith("C") and character != "\t" for line in lines for character in line):
        return ["it holds a control or direction character, which a reader would not see: write it as an escape"]
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [f"line {getattr(error, 'lineno', 0) or 0}: it does not parse: {getattr(error, 'msg', type(error).__name__)}"]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == entry]
    if len(functions) != 1 or any((functions[0].args.args, functions[0].args.vararg, functions[0].decorator_list)):
        return [f"it has to define `def {entry}():` once, without arguments or decorators"]
    known = known_names(tree)
    found = [*(objection for node in ast.walk(tree) for objection in refused(node, known)), *misused(tree)]
    if entry == RUNS_STAGES:
        found += [(line, "only StageOutput of stageflow may be used here") for line, name in framework_names(tree) if name != "StageOutput"]
    return [f"line {line}: {why}" for line, why in found]


def framework_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and local name of everything imported from stageflow."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                if (module or alias.name).partition(".")[0] == "stageflow":
                    yield node.lineno, alias.asname or (alias.name if module else "stageflow")


def misused(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Uses of the framework's functions other than handing them over: one that ran here could spoil what they share."""
    names = {name for _, name in framework_names(tree)}
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
            top: ast.AST = node
            words = [node.id]
            while isinstance(above := parents[id(top)], ast.Attribute):
                words.append(above.attr)
                top = above
            handed_over = isinstance(above, ast.Tuple) and isinstance(parents[id(above)], ast.Return)
            built = isinstance(above, ast.Call) and above.func is top and any(word[0].isupper() for word in words)
            if not handed_over and not built and not words[-1][0].isupper():
                yield node.lineno, f"{'.'.join(words)} may only be returned, as what is to be called"


def known_names(tree: ast.Module) -> set[str]:
    """Names bound by an import or standing for a part of what was imported: nothing may be put in their place or on them."""
    nodes = list(ast.walk(tree))
    names = {a.asname or a.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for a in node.names}
    aliases = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and root(node.value, calls=False) in names
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return names | aliases


def refused(node: ast.AST, imported: set[str]) -> Iterator[tuple[int, str]]:
    """Objections to one node."""
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from refused_import(node)
    elif isinstance(node, ast.Attribute):
        yield from refused_attribute(node, imported)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if node.name.startswith("__") or node.name in imported or (isinstance(node, ast.ClassDef) and node.keywords):
            yield line, f"{node.name} may not be defined so: no dunder, no imported name, no metaclass"
    elif why := refused_simple(node, imported):
        yield line, why


def refused_import(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, str]]:
    """Objections to an import."""
    places = [alias.name for alias in node.names] if isinstance(node, ast.Import) else ["." * node.level + (node.module or "")]
    if any(place.partition(".")[0] not in MODULES for place in places) or any(alias.name == "*" for alias in node.names):
        yield node.lineno, f"only {', '.join(MODULES)} may be imported, and names of them one by one"
    if any(part.startswith("_") for alias in node.names for part in [*alias.name.split("."), alias.asname or ""]):
        yield node.lineno, "private names may not be imported"
    names = {alias.name for alias in node.names}
    if any(place.startswith("asyncio.") for place in places) or (
        isinstance(node, ast.ImportFrom) and places == ["asyncio"] and names - ASYNCIO
    ):
        yield node.lineno, ONLY_ASYNCIO


def refused_simple(node: ast.AST, imported: set[str]) -> str:
    """The objection to a node of another kind; empty when there is none."""
    match node:
        case ast.Name(id=name) if name.startswith("__") or name in HIDDEN:
            return f"{name} may not be used"
        case ast.Subscript(ctx=ast.Store() | ast.Del(), value=value) if root(value) in imported:
            return "nothing imported may be changed"
        case ast.ExceptHandler(type=kind) if kind is None or re.search("BaseException|Cancelled", ast.unparse(kind)):
            return "a workload may not catch everything, nor a cancellation"
        case ast.Constant(value=str(text)) if "__" in text:
            return "names with two underscores may not be used, not in a text either"
        case ast.Global() | ast.Nonlocal() | ast.Delete() | ast.While():
            return f"{type(node).__name__.lower()} may not be used"
        case _:
            return ""


HIDDEN = {
    "exec", "eval", "compile", "open", "globals", "locals", "vars", "getattr", "setattr", "delattr", "input", "breakpoint", "type",
    "memoryview", "print", "id", "dir", "help", "exit", "quit", "BaseException", "hasattr",
}  # fmt: skip
"""Builtins that reach further than a workload needs."""


def refused_attribute(node: ast.Attribute, imported: set[str]) -> Iterator[tuple[int, str]]:
    """Objections to `thing.name`."""
    if node.attr.startswith("_"):
        yield node.lineno, f"{node.attr} is private"
    if not isinstance(node.ctx, ast.Load):
        yield node.lineno, f"nothing may be assigned to {ast.unparse(node)}: use a dataclass for fields and a list for what changes"
    if root(node.value) == "asyncio" and isinstance(node.value, ast.Name) and node.attr not in ASYNCIO:
        yield node.lineno, ONLY_ASYNCIO
    if node.attr in CHANGES and root(node.value, calls=False) in imported:
        yield node.lineno, f"nothing imported may be changed, so not with {ast.unparse(node)}"
    if node.attr in ("format_map", "mro", "gi_frame", "cr_frame", "f_globals", "f_back", "tb_frame", "func_globals"):
        yield node.lineno, f"{node.attr} may not be used"


def root(node: ast.expr, *, calls: bool = True) -> str:
    """The name that an expression of dots, brackets and, with `calls`, calls begins with; empty when it begins otherwise."""
    while isinstance(node, ast.Attribute | ast.Subscript) or (calls and isinstance(node, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
