"""Compares what a documented block prints with what its comments say that it prints."""

import ast
import re
from collections.abc import Iterator

COMMENT = re.compile(
    r"#\s*(?:(?:->|=>|→|[Oo]utput:|[Pp]rints:?|[Rr]eturns:?)\s*)?"
    r"(?P<value>True|False|None|-?\d+(?:\.\d+)?|'[^']*'|\"[^\"]*\"|\{.*\}|\[.*\])\s*$"
)


def compared(source: str, output: str) -> Iterator[tuple[int, str, str]]:
    """(line, documented, printed) of `print(x)  # value` lines.

    Only when every line printed comes from such a statement at the top level, and only where the value alone is printed.
    """
    tree = ast.parse(source)
    prints = [node for node in ast.walk(tree) if _prints(node)]
    top = [s.value for s in tree.body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) and _prints(s.value)]
    lines, printed = source.splitlines(), output.splitlines()
    if len(prints) != len(top) or len(printed) != len(top):
        return
    for call, text in zip(top, printed, strict=True):
        comment = COMMENT.search(lines[(call.end_lineno or call.lineno) - 1])
        plain = len(call.args) == 1 and isinstance(call.args[0], ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        if comment and plain:
            yield call.lineno, _normal(comment["value"]), _normal(text)


def _prints(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"


def _normal(text: str) -> str:
    """A printed or documented value, the same text for the same literal."""
    try:
        return str(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text
