"""Watches which code of the target runs: whether any, which functions, which lines and branches."""

import json
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

PACKAGE = "stageflow"

ELSEWHERE = "*"
"""Stands among the functions entered for what could not be watched."""
PROCESSES = {"subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"}
"""Audit events of the interpreter that start another process."""

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


class FunctionWatch:
    """Notes every function of the target that is entered in this process and in forks of it; one for all, as an audit hook stays for good.

    What it cannot see into it notes as ELSEWHERE: other processes, the target's source read as text, another profiler in its place.
    """

    def __init__(self) -> None:
        self._entered: dict[str, None] | None = None
        self._known: dict[int, CodeType] = {}
        """Code met since the start; held, so that no other code gets its id."""
        self._hooked = False

    def start(self) -> dict[str, None]:
        """A dict that gains `module:Qual.name` of every function entered from now on, in order of first entry."""
        if not self._hooked:
            sys.addaudithook(self._audit)
            self._hooked = True
        entered: dict[str, None] = {}
        self._entered, self._known = entered, {}
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        return entered

    def stop(self) -> None:
        """Note nothing any more."""
        if self._entered is not None and sys.getprofile() != self._profile:
            self._entered[ELSEWHERE] = None
        self._entered = None
        threading.setprofile(None)
        sys.setprofile(None)

    def _profile(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or id(frame.f_code) in self._known:
            return
        self._known[id(frame.f_code)] = frame.f_code
        if self._entered is not None and of_target(frame):
            self._entered[f"{frame.f_globals['__name__']}:{frame.f_code.co_qualname}"] = None

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._entered is not None and (event in PROCESSES or (event == "open" and is_source(arguments[0]) and not incidental())):
            self._entered[ELSEWHERE] = None


WATCH = FunctionWatch()


def is_source(path: object) -> bool:
    """Whether a file that is opened is source text of the target."""
    return isinstance(path, str) and path.endswith(".py") and f"/{PACKAGE}/" in path


def incidental() -> bool:
    """Whether source text is opened to import it, or to print a traceback for people: neither looks at what it says."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") in ("traceback", "importlib._bootstrap_external", "_frozen_importlib_external"):
            return True
        frame = frame.f_back
    return False


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

    def summary(self, package: Path, scratch: Path) -> dict[str, dict[str, Any]]:
        """Module file relative to the package -> statements, lines run, branches, branches run, and which; `scratch` is for use meanwhile.

        Which: `ran` has line numbers as `1-4,9`, `taken` the branches as `12>14,12>-3`, so that what several processes ran can be added up.
        """
        self._coverage.stop()
        self._coverage.erase()
        data = self._coverage.get_data()
        data.add_arcs(self._seen)
        data.touch_files([str(file) for file in package.rglob("*.py")])
        self._coverage.json_report(outfile=str(scratch), ignore_errors=True)
        report = json.loads(scratch.read_text(encoding="utf-8"))["files"]
        names = {"lines": "num_statements", "lines_run": "covered_lines", "branches": "num_branches", "branches_run": "covered_branches"}
        return {
            relative(file): {ours: entry["summary"][theirs] for ours, theirs in names.items()}
            | {"ran": spans(entry["executed_lines"]), "taken": ",".join(f"{a}>{b}" for a, b in entry["executed_branches"])}
            for file, entry in sorted(report.items())
        }


def spans(numbers: Iterable[int]) -> str:
    """Line numbers as text: `1-4,9`."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def relative(file: str) -> str:
    """A file of the target by its path inside the package."""
    return file.replace("\\", "/").rpartition(f"/{PACKAGE}/")[2]
