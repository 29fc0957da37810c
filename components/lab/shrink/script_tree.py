"""Ways to look at the syntax tree of a stand-alone script."""

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
CASE, ROOTS = "CASE", ("scenario", "control")
"""The name of the case, and of the functions that are called with it."""


def functions(tree: ast.Module) -> dict[str, Function]:
    """The functions of the script by name."""
    return {node.name: node for node in tree.body if isinstance(node, FUNCTIONS)}


def mentions(node: ast.AST) -> Counter[str]:
    """How often each name is read below a node."""
    return Counter(part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load))


def literal(node: ast.AST | None) -> tuple[Any] | None:
    """The value of a literal, in a tuple; None for anything else."""
    try:
        return (ast.literal_eval(node),) if isinstance(node, ast.expr) else None
    except (ValueError, TypeError):
        return None


def expression(value: Any) -> ast.expr:
    """The literal for a value."""
    return ast.parse(repr(value), mode="eval").body


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements directly in a node."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
