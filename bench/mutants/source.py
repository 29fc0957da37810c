"""A Python source file with its syntax tree, and changes to it by position."""

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Edit:
    """Replace the bytes from `start` to `end`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Change:
    """One small fault: what kind it is and the edits that plant it."""

    kind: str
    edits: tuple[Edit, ...]


class Source:
    """The text of one module; positions are byte offsets, as in the syntax tree."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.tree = ast.parse(text)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.data.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def start(self, node: ast.AST) -> int:
        """Where a node begins."""
        return int(self._starts[node.lineno - 1] + node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Where a node ends."""
        return int(self._starts[node.end_lineno - 1] + node.end_col_offset)  # type: ignore[attr-defined]

    def text(self, node: ast.AST) -> str:
        """What is written there."""
        return self.data[self.start(node) : self.end(node)].decode()

    def replace(self, kind: str, node: ast.AST, new: str) -> Change:
        """The change that writes something else in place of a node."""
        return Change(kind, (Edit(self.start(node), self.end(node), new),))

    def between(self, kind: str, left: ast.AST, right: ast.AST, old: str, new: str) -> Change | None:
        """The change of a token between two nodes; None when it is not there."""
        at = self.data.find(old.encode(), self.end(left), self.start(right))
        return Change(kind, (Edit(at, at + len(old.encode()), new),)) if at >= 0 else None

    def apply(self, edits: Sequence[Edit]) -> str:
        """The whole text with the edits made."""
        data = self.data
        for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
            data = data[: edit.start] + edit.new.encode() + data[edit.end :]
        return data.decode()

    def differs(self, edits: Sequence[Edit]) -> bool:
        """Whether the edits change something and leave a program that parses."""
        if all(self.data[edit.start : edit.end].decode() == edit.new for edit in edits):
            return False
        try:
            ast.parse(self.apply(edits))
        except SyntaxError:
            return False
        return True

    def diff(self, edits: Sequence[Edit], name: str) -> str:
        """The edits as a unified diff."""
        before, after = self.data.decode().splitlines(keepends=True), self.apply(edits).splitlines(keepends=True)
        return "".join(difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", n=2))
