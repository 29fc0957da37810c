"""Runs the blocks of one documentation page in order, in this process, and says why a block did not get to its end."""

import ast
import asyncio
import builtins
import contextlib
import datetime
import inspect
import io
import json
import linecache
import logging
import re
import time
import traceback
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import CodeType, FrameType
from typing import Any

from components.lab.documentation.failures import (
    TooLong,
    blamed,
    called_name,
    cause_of,
    entry,
    failing_node,
    in_target,
    leaves_out,
    limited,
    names_in,
    outside,
)
from components.lab.documentation.mistakes import binds
from components.lab.documentation.outputs import compared
from components.lab.documentation.target import PACKAGE, exported
from components.lab.virtual_time import VirtualLoop, run_virtual

BLOCK_SECONDS = 4.0
"""Real time of one block; documentation also shows servers that never end."""
STANDARD: Mapping[str, Any] = {
    "asyncio": asyncio, "json": json, "logging": logging, "time": time, "uuid": uuid, "uuid4": uuid.uuid4, "UUID": uuid.UUID,
    "datetime": datetime.datetime, "timedelta": datetime.timedelta, "UTC": datetime.UTC, "Any": Any, "dataclass": dataclass, "field": field,
    "logger": logging.getLogger("docs"),
}  # fmt: skip
"""Names of the standard library that a reader supplies without being told."""


@dataclass
class Played:
    """How one block ended.

    Attributes:
        result: `ran`; `needs` something from outside; `failed`, and the target or the block itself is to blame; `unknown` for the rest.
        reason: what it needs, or what happened, in one line.
        line: line of the block where it stopped, from 1; 0 when it ran.
        kind: for `failed`: `import`; `direct`, the block's own line fails on the target; `refused`, the target raises an error of its own;
            `crash`, something inside the target breaks; `example`, the block is wrong by itself.
        what: for `failed`: the mistake, the same text wherever it is made.
        supplied: names that the block uses without importing them, and that were given to it.
        shown: (line, documented, observed) for every output that the block documents and that can be compared.
        end: last line of the expression that did not work; 0 when it ran.
    """

    result: str
    reason: str = ""
    line: int = 0
    kind: str = ""
    what: str = ""
    supplied: list[str] = field(default_factory=list)
    shown: list[tuple[int, str, str]] = field(default_factory=list)
    end: int = 0


class Names(dict[str, Any]):
    """Globals of a page; names that it only implies are supplied and written down."""

    def __init__(self, implied: Sequence[str]) -> None:
        super().__init__(__name__="__main__", __builtins__=builtins)
        self.implied = {**STANDARD, **{name: exported()[name] for name in implied if name in exported()}}
        self.supplied: list[str] = []

    def __missing__(self, name: str) -> Any:
        found = self.implied[name]
        self.supplied.append(name)
        return found


class Page:
    """The state that the blocks of a page share."""

    def __init__(self, name: str, implied: Sequence[str], *, virtual: bool) -> None:
        self.name = name
        self.names = Names(implied)
        self.loop: asyncio.AbstractEventLoop = VirtualLoop() if virtual else asyncio.new_event_loop()
        self.imports: set[str] = set()
        self.variables: set[str] = set()
        """Variables that earlier blocks have set: the author of a later one may have meant another."""
        self.own: Mapping[str, int] = {}
        """Names that the present block binds, with the first line that does."""

    def play(self, source: str, line: int) -> Played:
        """Run one block; `line` is where it begins in the page."""
        file = f"<{self.name}:{line}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        tree, self.names.supplied, output = ast.parse(source), [], io.StringIO()
        self.own = first_bindings(tree)
        try:
            code = compile(source, file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()), limited(BLOCK_SECONDS):
                self.run(code)
            played = Played("ran")
        except TooLong:
            played = Played("needs", f"time: more than {BLOCK_SECONDS:g} s")
        except SystemExit:
            played = Played("ran")
        except BaseException as error:
            played = self.judged(error, source, file)
        played.supplied = sorted(set(self.names.supplied))
        played.shown = list(compared(source, output.getvalue())) if played.result == "ran" else []
        self.imports |= {name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for name in binds(node)}
        values = {name: value for name, value in self.names.items() if not name.startswith("__") and name not in self.imports}
        self.variables = {name for name, value in values.items() if not (inspect.isclass(value) or inspect.isroutine(value))}
        return played

    def run(self, code: CodeType) -> None:
        """Run compiled code; code that awaits runs on the page's loop."""
        if not code.co_flags & inspect.CO_COROUTINE:
            exec(code, self.names)
            return
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(eval(code, self.names))

    def judged(self, error: BaseException, source: str, file: str) -> Played:
        """What an exception says about the block."""
        root = cause_of(error)
        frames = list(traceback.walk_tb(root.__traceback__))
        mine = [index for index, (frame, _) in enumerate(frames) if frame.f_code.co_filename.startswith(f"<{self.name}:")]
        text = f"{type(root).__name__}: {root}".splitlines()[0][:300].partition(" (/")[0]
        outer = [number for frame, number in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
        if not mine:
            return Played("unknown", text, outer[-1] if outer else 0)
        frame, number = frames[mine[-1]]
        here = frame.f_code.co_filename == file
        line = number if here else (outer[-1] if outer else 0)
        if needs := outside(root):
            return Played("needs", needs, line)
        if not here:
            return Played("unknown", f"in code of an earlier block: {text}", line)
        node = failing_node(source, entry(root.__traceback__, mine[-1]))
        inner = frames[mine[-1] + 1 :]
        found = Played("unknown", text, line)
        if not inner:
            found = self.direct(root, node, frame, text, line)
        elif in_target(inner[-1][0]):
            planned = linecache.getline(inner[-1][0].f_code.co_filename, inner[-1][1]).lstrip().startswith("raise")
            found = self.refused(node, frame, source, text, line, planned=planned)
        if found.kind != "import" and leaves_out(ast.parse(source)):
            return Played("unknown", f"{text} (the example leaves something out)", line)
        found.end = getattr(node, "end_lineno", None) or line
        return found

    def direct(self, error: BaseException, node: ast.AST | None, frame: FrameType, text: str, line: int) -> Played:
        """The exception comes from the block's own line."""
        if isinstance(error, ImportError) and str(error.name or "").partition(".")[0] == PACKAGE:
            return Played("failed", text, line, "import", str(error.name))
        if isinstance(error, AssertionError):
            return Played("unknown", "an assertion of the example does not hold", line)
        if isinstance(error, TypeError) and isinstance(node, ast.BinOp) and self.by_itself(node):
            return Played("failed", text, line, "example", f"{ast.unparse(node)} raises {type(error).__name__}")
        what = blamed(error, node, frame)
        if not what:
            return Played("unknown", text, line)
        if self.foreign(node):
            return Played("unknown", f"{text} (it comes from an earlier block, or is not imported)", line)
        return Played("failed", text, line, "direct", what)

    def refused(self, node: ast.AST | None, frame: FrameType, source: str, text: str, line: int, *, planned: bool) -> Played:
        """The target fails while the block calls it: by its own check (`planned`), or because something inside breaks."""
        name = called_name(node, frame)
        if not name or self.foreign(node):
            return Played("unknown", f"{text} (with values of an earlier block)", line)
        if planned and re.search(r"\.\.\.|…", source):  # a comment says so
            return Played("unknown", f"{text} (the example leaves something out)", line)
        return Played("failed", text, line, "refused" if planned else "crash", name)

    def by_itself(self, node: ast.AST) -> bool:
        """The expression uses built-in names only."""
        return all(hasattr(builtins, name) and name not in self.names for name in names_in(node))

    def foreign(self, node: ast.AST | None) -> bool:
        """The expression uses a variable of an earlier block, or a name that was supplied."""
        line = getattr(node, "lineno", 0)
        earlier = {name for name in self.variables if self.own.get(name, line) >= line}
        return bool(names_in(node) & (earlier | set(self.names.supplied)))


def first_bindings(tree: ast.AST) -> dict[str, int]:
    """The first line on which each name is bound."""
    pairs = [(getattr(node, "lineno", 1), name) for node in ast.walk(tree) for name in binds(node)]
    return {name: line for line, name in sorted(pairs, reverse=True)}


def play_page(name: str, blocks: Sequence[Mapping[str, Any]], implied: Sequence[str], *, virtual: bool) -> Iterator[dict[str, Any]]:
    """Run all blocks of a page in order; one record per block. For use in a process of its own: it replaces clocks."""
    warnings.simplefilter("ignore")
    if virtual:
        asyncio.run = lambda main, **options: run_virtual(main)
        time.sleep = lambda seconds: None
    page = Page(name, implied, virtual=virtual)
    for block in blocks:
        yield {"index": block["index"], **asdict(page.play(str(block["code"]), int(block["line"])))}
