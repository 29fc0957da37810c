"""Puts generated files in the order in which they can be imported."""

import ast
from collections.abc import Mapping
from graphlib import TopologicalSorter


def dependencies_first(files: Mapping[str, str]) -> dict[str, str]:
    """The Python files of `files`, each after those it imports."""
    names = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in files if path.endswith(".py")}
    graph = {
        path: {names[module] for module in imported(files[path]) if module in names and names[module] != path} for path in names.values()
    }
    return {path: files[path] for path in TopologicalSorter(graph).static_order()}


def imported(code: str) -> set[str]:
    """Dotted names of the modules that a file imports from, and of what it imports from packages."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
