"""What an exception says about the documented code that raised it: whose mistake it is, and at which expression."""

import ast
import contextlib
import inspect
import re
import signal
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

from components.lab.documentation.target import PACKAGE, dotted, of_target


class TooLong(BaseException):
    """The block did not end in time."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TooLong` in the main thread when the body takes longer, and again when code swallows it."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def cause_of(error: BaseException) -> BaseException:
    """The innermost exception of a chain, also of one that the target keeps as `original`."""
    for _ in range(10):
        inner = getattr(error, "original", None) or error.__cause__
        if not isinstance(inner, BaseException):
            break
        error = inner
    return error


def outside(error: BaseException) -> str:
    """What the block needs from outside when this exception says so; empty otherwise."""
    if isinstance(error, NameError):
        return f"name {getattr(error, 'name', None) or error}"
    if isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] != PACKAGE:
        return f"package {str(error.name).partition('.')[0]}"
    if isinstance(error, ImportError) and re.search(r"\b(?:is|are) (?:required|needed)|pip install|not installed", str(error)):
        return f"package {str(error).split()[0]}"
    if isinstance(error, EOFError):
        return "input"
    if isinstance(error, ConnectionError) or type(error).__name__ in ("gaierror", "ConnectError", "ConnectTimeout"):
        return f"network ({type(error).__name__})"
    if isinstance(error, FileNotFoundError | PermissionError):
        return f"file {error.filename}"
    return ""


def failing_node(source: str, tb: TracebackType | None) -> ast.AST | None:
    """The expression that was being evaluated where a traceback entry stands."""
    if tb is None:
        return None
    positions = list(tb.tb_frame.f_code.co_positions())[tb.tb_lasti // 2]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.expr) and (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) == positions:
            return node
    return None


def entry(tb: TracebackType | None, index: int) -> TracebackType | None:
    """The entry of a traceback with that index."""
    for _ in range(index):
        tb = tb.tb_next if tb else None
    return tb


def in_target(frame: FrameType) -> bool:
    """The code of a frame belongs to the target, generated methods included."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == PACKAGE


def leaves_out(tree: ast.AST) -> bool:
    """The code passes a `...` for what is left out: `Stage(name, ...)`, `{"key": ...}`, `x = ...`."""
    values: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            values += [*node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.List | ast.Set | ast.Dict):
            values += node.values if isinstance(node, ast.Dict) else node.elts
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.Return):
            values.append(node.value)
    return any(isinstance(value, ast.Constant) and value.value is ... for value in values)


def names_in(node: ast.AST | None) -> set[str]:
    """The names that an expression uses."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} if node else set()


def evaluated(node: ast.expr, frame: FrameType) -> Any:
    """The value of a name, a dotted name or a generic class in a frame; None for anything else."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        base = evaluated(node.value, frame)
        return None if base is None else getattr(base, node.attr, None)
    if isinstance(node, ast.Subscript):
        base = evaluated(node.value, frame)
        return base if inspect.isclass(base) else None
    return None


def blamed(error: BaseException, node: ast.AST | None, frame: FrameType) -> str:
    """The use of the target that an exception in the block's own line is about; empty when it is about something else."""
    if isinstance(error, AttributeError) and error.obj is not None and (of_target(error.obj) or of_target(type(error.obj))):
        named = inspect.isclass(error.obj) or inspect.ismodule(error.obj) or inspect.isroutine(error.obj)
        return f"{dotted(error.obj if named else type(error.obj))}.{error.name}"
    if isinstance(error, TypeError) and isinstance(node, ast.Call):
        called = evaluated(node.func, frame)
        return f"{dotted(called)}()" if called is not None and of_target(called) else ""
    if isinstance(error, TypeError) and isinstance(node, ast.Subscript):
        base = evaluated(node.value, frame)
        return f"{type(base).__qualname__}[...]" if base is not None and of_target(type(base)) else ""
    return ""


def called_name(node: ast.AST | None, frame: FrameType) -> str:
    """What a failing call calls: the target's name for it, or else how it is written; empty when it is no call."""
    if not isinstance(node, ast.Call):
        return ""
    called = evaluated(node.func, frame)
    if called is None or not of_target(called):
        return ast.unparse(node.func)
    return dotted(called) + ("[...]" if isinstance(node.func, ast.Subscript) else "")
