"""Watches which code of the target runs: whether any, which functions, which lines and branches."""

import json
import sys
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = "stageflow"

Arcs = dict[str, set[tuple[int, int]]]
"""File -> jumps between lines; a negative number is the entry or exit of a piece of code."""


def watch_reach() -> list[bool]:
    """A list that becomes `[True]` as soon as code of the target runs in this process."""
    seen: list[bool] = []

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if of_target(frame):
            seen.append(True)
            sys.setprofile(None)

    sys.setprofile(profile)
    return seen


def watch_functions() -> dict[str, None]:
    """A dict that gains `module:Qual.name` of every function of the target entered in this process, in order of first entry."""
    entered: dict[str, None] = {}

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and of_target(frame):
            entered[f"{frame.f_globals['__name__']}:{frame.f_code.co_qualname}"] = None

    sys.setprofile(profile)
    return entered


def of_target(frame: FrameType) -> bool:
    """Whether a frame runs code of the target."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] == PACKAGE


class Tracer:
    """Lines and branches of the target, by coverage.py, over a process and its forks.

    The process calls `start`, imports the target, and calls `add(take())` and `start` again; a fork calls `take` at its end and hands
    what it got to its parent, which calls `add`.
    """

    def __init__(self) -> None:
        import coverage  # here: only a measured run needs it

        self._coverage = coverage.Coverage(data_file=None, branch=True, include=[f"*/{PACKAGE}/*"], config_file=False, messages=False)
        self._coverage.set_option("run:disable_warnings", ["no-data-collected", "module-not-measured"])
        self._seen: Arcs = {}

    def start(self) -> None:
        """Measure from now on."""
        self._coverage.erase()
        self._coverage.start()

    def take(self) -> dict[str, list[list[int]]]:
        """Stop measuring; the arcs this process was the first to run, JSON-like."""
        self._coverage.stop()
        data = self._coverage.get_data()
        new = {file: sorted(set(data.arcs(file) or ()) - self._seen.get(file, set())) for file in data.measured_files()}
        return {file: [list(arc) for arc in arcs] for file, arcs in new.items() if arcs}

    def add(self, arcs: dict[str, list[list[int]]]) -> int:
        """Take over what a fork has run; returns how many arcs were new."""
        before = sum(map(len, self._seen.values()))
        for file, rows in arcs.items():
            self._seen.setdefault(file, set()).update((a, b) for a, b in rows)
        return sum(map(len, self._seen.values())) - before

    def summary(self, package: Path, scratch: Path) -> dict[str, dict[str, int]]:
        """Module file relative to the package -> statements, lines run, branches, branches run; `scratch` is a file to use meanwhile."""
        self._coverage.stop()
        self._coverage.erase()
        data = self._coverage.get_data()
        data.add_arcs(self._seen)
        data.touch_files([str(file) for file in package.rglob("*.py")])
        self._coverage.json_report(outfile=str(scratch), ignore_errors=True)
        report = json.loads(scratch.read_text(encoding="utf-8"))["files"]
        names = {"lines": "num_statements", "lines_run": "covered_lines", "branches": "num_branches", "branches_run": "covered_branches"}
        return {
            relative(file): {ours: entry["summary"][theirs] for ours, theirs in names.items()} for file, entry in sorted(report.items())
        }


def relative(file: str) -> str:
    """A file of the target by its path inside the package."""
    return file.replace("\\", "/").rpartition(f"/{PACKAGE}/")[2]
