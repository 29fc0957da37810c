"""Finds where the target's source defines what a dotted name means, by reading it; nothing is imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_HOPS = 8
"""Re-exports that are followed."""


@dataclass(frozen=True)
class Place:
    """A file below the folder that holds the package, with forward slashes, and a line."""

    file: str
    line: int


def place_of(name: str, package: Path) -> Place | None:
    """Where `package.module:Qual.name #slug`, or the same with dots only, is defined; None when it is not a name of the package."""
    parts = name.partition(" #")[0].replace(":", ".").split(".")
    if parts[0] != package.name or not package.is_dir() or not all(part.isidentifier() for part in parts):
        return None
    for _ in range(MOST_HOPS):
        file, rest = module_of(parts, package)
        tree = parsed(file)
        if tree is None:
            return None
        line, onward = defined(tree, rest, parts[: len(parts) - len(rest)], file.name == "__init__.py")
        if onward is None:
            return Place(file.relative_to(package.parent).as_posix(), line)
        parts = onward
    return None


def module_of(parts: list[str], package: Path) -> tuple[Path, list[str]]:
    """The file that the longest possible start of the name means, and the rest of the name."""
    folder, number = package, 1
    while number < len(parts):
        if (folder / f"{parts[number]}.py").is_file():
            return folder / f"{parts[number]}.py", parts[number + 1 :]
        if not (folder / parts[number] / "__init__.py").is_file():
            break
        folder, number = folder / parts[number], number + 1
    return folder / "__init__.py", parts[number:]


def parsed(file: Path) -> ast.Module | None:
    """The syntax tree of a file, or None when it cannot be read."""
    try:
        return ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def defined(tree: ast.Module, rest: list[str], module: list[str], is_package: bool) -> tuple[int, list[str] | None]:
    """(line of the innermost definition that is found, None), or (0, the name it was imported under)."""
    scope: ast.AST = tree
    line = 1
    for depth, name in enumerate(rest):
        node = next((n for n in statements(scope) if name in names_of(n)), None)
        if node is None:
            break
        if isinstance(node, ast.ImportFrom):
            return 0, [*origin(node, module, is_package), original(node, name), *rest[depth + 1 :]]
        line, scope = getattr(node, "lineno", line), node
    return line, None


def statements(scope: ast.AST) -> Iterator[ast.stmt]:
    """Statements of a module or class, those under conditions included."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.stmt):
            yield node
        if isinstance(node, ast.If | ast.Try | ast.ExceptHandler | ast.With):
            yield from statements(node)


def names_of(node: ast.stmt) -> set[str]:
    """Names that a statement binds."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Assign():
            return {n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case ast.ImportFrom():
            return {alias.asname or alias.name for alias in node.names}
        case _:
            return set()


def origin(node: ast.ImportFrom, module: list[str], is_package: bool) -> list[str]:
    """The module that `from ... import` names, as parts of a dotted name."""
    named = node.module.split(".") if node.module else []
    if not node.level:
        return named
    above = node.level - 1 if is_package else node.level
    return [*module[: len(module) - above], *named]


def original(node: ast.ImportFrom, name: str) -> str:
    """What the imported name is called where it comes from."""
    return next(alias.name for alias in node.names if (alias.asname or alias.name) == name)
