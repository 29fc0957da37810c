"""What delta debugging may leave out of a script without making it say something else about a repaired target.

The violating run alone does not tell what a script needs: code that it does not reach may be just what a repaired target reaches, and
what it does reach may only matter there. So a statement may go when neither the violating run nor the control, which plays the same
code on something sound, has reached it, in a function or class that the control does run; and so may the decorator that turns
exceptions into violations, where the violation at hand is another. Statements that raise violations stay, and so does what handles
exceptions.
"""

import ast
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

ORACLE = {"expect", "expect_equal", "Violation"}
DECORATOR = "promised"
LOOKING = {"isinstance", "len", "any", "all", "hasattr", "getattr", "min", "max", "sum", "sorted", "set", "str"}
"""Functions that do nothing but look at what they are given."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def watch_lines(file: str) -> set[int]:
    """A set that gains the lines of `file` that run in this process from now on."""
    lines: set[int] = set()

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        lines.add(frame.f_lineno)
        return local

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        return local if frame.f_code.co_filename == file else None

    threading.settrace(entered)
    sys.settrace(entered)
    return lines


def trimmable(source: str, scenario: set[int], control: set[int], fixed: frozenset[str]) -> Callable[[ast.AST], bool]:
    """Whether a node of `source` may go, given the lines that scenario and control ran."""
    allowed: set[tuple[int, int]] = set()
    reached = scenario | control
    for top in ast.parse(source).body:
        for holder in ast.walk(top) if getattr(top, "name", None) not in fixed else ():
            if isinstance(holder, FUNCTIONS):
                allowed |= {place(d) for d in holder.decorator_list if ast.unparse(d) == DECORATOR}
                inside = [node for statement in holder.body for node in own(statement)]
                if lines(inside) & control:
                    allowed |= {place(node) for node in inside if unreached(node, reached)}
            if isinstance(holder, ast.ClassDef):
                methods = {method: lines(method.body) for method in holder.body if isinstance(method, FUNCTIONS)}
                if set().union(*methods.values()) & control:
                    allowed |= {place(method) for method, run in methods.items() if not run & reached and not has_oracle(method)}
    return lambda node: place(node) in allowed


def lines(nodes: list[Any]) -> set[int]:
    """The lines on which statements of these begin, inner ones included."""
    return {part.lineno for node in nodes for part in ast.walk(node) if isinstance(part, ast.stmt)}


def has_oracle(node: ast.AST) -> bool:
    """Whether a violation may be raised below a node."""
    return any(isinstance(part, ast.Name) and part.id in ORACLE for part in ast.walk(node))


def own(node: ast.AST) -> list[Any]:
    """Statements and cases from a statement on, without those of functions defined in it and of handlers."""
    found = [node] if isinstance(node, ast.stmt | ast.match_case) else []
    if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        for child in ast.iter_child_nodes(node):
            found += own(child) if isinstance(child, ast.stmt | ast.match_case) else []
    return found


def unreached(node: ast.AST, reached: set[int]) -> bool:
    """Whether nothing that a node does has been reached, and none of it is an oracle's; the test of an `if` may have been."""
    if has_oracle(node) or isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Pass)):
        return False
    if isinstance(node, ast.If) and not is_quiet(node.test):
        return False
    if isinstance(node, ast.If | ast.match_case):
        inner = (*node.body, *getattr(node, "orelse", ()))
        return all(unreached(statement, reached) or isinstance(statement, ast.Pass) for statement in inner)
    return not lines([node]) & reached


def is_quiet(test: ast.expr) -> bool:
    """Whether evaluating a condition does nothing but look."""
    loud = (ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)
    parts = list(ast.walk(test))
    called = {ast.unparse(part.func) for part in parts if isinstance(part, ast.Call)}
    return not any(isinstance(part, loud) for part in parts) and called <= LOOKING


def place(node: ast.AST) -> tuple[int, int]:
    """Where a node stands in the source; a case of a `match` by its pattern."""
    at: Any = node.pattern if isinstance(node, ast.match_case) else node
    return getattr(at, "lineno", 0), getattr(at, "col_offset", 0)
