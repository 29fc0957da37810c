"""Works out what follows from a script's case alone: calls that never come near the target become what they return.

Such a call is of a plain function of the script, has nothing but literals and `CASE` for arguments, runs no code of the target, and
changes no data of the script, and returns something whose text is an expression for an equal value.
"""

import ast
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from components.lab.observe import of_target
from components.lab.shrink.script_tree import CASE, literal

LONGEST = 4000
"""Characters of a result that is put into the script."""


def certain_calls(tree: ast.Module, fixed: frozenset[str]) -> list[str]:
    """The text of every call that may follow from the case alone, outer ones first."""
    plain = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} - fixed
    found = (ast.unparse(part) for part in ast.walk(tree) if isinstance(part, ast.Call) and certain(part, plain))
    return list(dict.fromkeys(found))


def certain(call: ast.Call, plain: set[str]) -> bool:
    """Whether a call names a plain function and gives it nothing but literals and the case."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    constant = all(literal(value) is not None or (isinstance(value, ast.Name) and value.id == CASE) for value in given)
    return isinstance(call.func, ast.Name) and call.func.id in plain and constant


def worked_out(calls: list[str], space: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(call, text of its result) of those that come to something without the target, in the name space of the script."""
    for call in calls:
        touched: list[bool] = []
        before = state(space)
        try:
            value = watched(call, space, touched)
            if state(space) != before:
                return  # what the others come to may depend on it
            text = repr(value)
            same = eval(text, space) == value and type(eval(text, space)) is type(value)
        except Exception:
            continue
        if same and not touched and len(text) <= LONGEST:
            yield call, text


def state(space: dict[str, Any]) -> dict[str, str]:
    """The script's own data in words."""
    return {name: repr(value) for name, value in space.items() if isinstance(value, dict | list | set | tuple | str | int | float)}


def watched(call: str, space: dict[str, Any], touched: list[bool]) -> Any:
    """The result of a call; `touched` gains an entry when code of the target runs."""

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and of_target(frame):
            touched.append(True)

    sys.setprofile(profile)
    try:
        return eval(call, space)
    finally:
        sys.setprofile(None)


class PutResults(ast.NodeTransformer):
    """Puts results in the place of calls."""

    def __init__(self, results: dict[str, str]) -> None:
        self._results = results

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """The result, when it is known."""
        text = self._results.get(ast.unparse(node))
        return self.generic_visit(node) if text is None else ast.parse(text, mode="eval").body
