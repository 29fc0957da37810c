"""Makes stand-alone scripts minimal inside the sandbox: stageflow is imported once, every candidate gets a fork of its own.

    python -m components.lab.shrink.forks < scripts.jsonl > minimal.jsonl

A line has `id`, `script` (made by `agent.court.bundle.bundle_to_shrink`), `virtual` (play it in virtual time), `expected`, `observed`
(what it has to show), `seconds` (of one play) and `budget` (of all). The answer has `id`, `script` (empty when there is no minimal one),
`why`, `candidates` and `seconds`. A candidate counts when it shows the same violation, has the same dealings with the target, and the
control beside it holds.
"""

import ast
import contextlib
import copy
import importlib
import json
import logging
import os
import select
import signal
import sys
import time
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from components.lab import short
from components.lab.shrink.dealings import Dealings
from components.lab.shrink.reduce import OutOfBudget, reduced
from components.lab.shrink.script_tree import ROOTS
from components.lab.shrink.simplify import simplified
from components.lab.shrink.trimming import trimmable, watch_lines
from components.lab.shrink.working_out import PutResults, certain_calls, worked_out

FILE = "/script/repro.py"
"""The name candidates are compiled with; not one in angle brackets, which scripts take for generated code."""
PLAYERS = ("main", "play", "play_sync", "play_virtual", "run_jumping", "JumpingLoop")
FIXED = frozenset((*PLAYERS, "Violation", "NotApplicable", "need", "expect", "expect_equal"))
"""Definitions that stay as they are."""


@dataclass(frozen=True)
class Play:
    """What one play came to.

    Attributes:
        code: the exit code.
        shown: expected and observed; what went wrong when it came to no verdict.
        dealings: with the target, in order and in any order.
    """

    code: int = 3
    shown: tuple[str, str] = ("", "it did not end")
    dealings: tuple[str, str] = ("", "")


@dataclass
class Case:
    """One script: how it is played, until when, what has to be shown, and how many candidates have been played."""

    virtual: bool
    seconds: float
    deadline: float
    candidates: int = 0
    level: int = 0
    wanted: Play = field(default_factory=Play)

    def in_fork(self, source: str, work: Callable[[Any], Any]) -> Any:
        """What `work` makes of the script as a module, in a process of its own; None when it does not end, or dies.

        Raises:
            OutOfBudget: the time is over.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfBudget
        self.candidates += 1
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            perform(source, work, writing)
        os.close(writing)
        with contextlib.suppress(ProcessLookupError):
            os.setpgid(pid, pid)
        try:
            return heard(reading, min(self.seconds, left))
        finally:
            os.close(reading)
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def play(self, source: str, function: str) -> Play:
        """Play a function of a candidate."""
        said = self.in_fork(source, lambda module: judged(module, function, self))
        return Play(said[0], tuple(said[1]), tuple(said[2])) if said else Play()

    def lines(self, source: str, function: str) -> set[int]:
        """The lines of a script that one of its functions runs."""
        return set(self.in_fork(source, lambda module: lines_run(module, function, self)) or ())

    def same(self, tree: ast.Module) -> bool:
        """Whether a candidate shows what is wanted, with the same dealings, and its control holds."""
        source = ast.unparse(tree)
        play = self.play(source, "scenario")
        if (play.code, play.shown) != (1, self.wanted.shown) or play.dealings[self.level] != self.wanted.dealings[self.level]:
            return False
        controlled = any(getattr(node, "name", "") == "control" for node in tree.body)
        return not controlled or self.play(source, "control").code == 0


def heard(pipe: int, seconds: float) -> Any:
    """What the fork says before its time is over."""
    said, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
        chunk = os.read(pipe, 65536)
        if not chunk:
            break
        said += chunk
    try:
        return json.loads(said)
    except ValueError:
        return None


def perform(source: str, work: Callable[[Any], Any], pipe: int) -> None:
    """Make the script a module of this process, write what `work` makes of it to the pipe, and end the process."""
    try:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        module = types.ModuleType("script")
        sys.modules["script"] = module
        exec(compile(source, FILE, "exec"), module.__dict__)
        with os.fdopen(pipe, "w") as stream:
            json.dump(work(module), stream)
    finally:
        os._exit(0)


def judged(module: Any, function: str, case: Case) -> tuple[int, tuple[str, str], tuple[str, str]]:
    """Exit code, violation and dealings of a function of the script."""
    watch = Dealings(FILE)
    code, shown = 3, ("", "")
    watch.start()
    try:
        played(module, function, case)
        code = 0
    except module.Violation as violation:
        code, shown = 1, (violation.expected, violation.observed)
    except BaseException as error:
        shown = ("", f"{type(error).__name__}: {error}"[:300])
    return code, shown, watch.stop()


def played(module: Any, function: str, case: Case) -> None:
    """Play a function of the script on its case."""
    (short.play_virtual if case.virtual else short.play)(getattr(module, function), module.CASE, case.seconds)


def lines_run(module: Any, function: str, case: Case) -> list[int]:
    """The lines that a function of the script runs, whatever it comes to."""
    seen = watch_lines(FILE)
    with contextlib.suppress(BaseException):
        played(module, function, case)
    sys.settrace(None)
    return sorted(seen)


def minimal(job: dict[str, Any]) -> dict[str, Any]:
    """The answer to one line."""
    began = time.monotonic()
    case = Case(job["virtual"], job["seconds"], began + job["budget"])
    text = ""
    try:
        why = prepared(case, job["script"], (job["expected"], job["observed"]))
        text = "" if why else shrunk(case, ast.parse(job["script"]))
    except OutOfBudget:
        why = "the time for shrinking was over"
    seconds = round(time.monotonic() - began, 3)
    return {"id": job["id"], "script": text, "why": why, "candidates": case.candidates, "seconds": seconds}


def prepared(case: Case, source: str, shown: tuple[str, str]) -> str:
    """Find out what a candidate has to show; why there can be no minimal script otherwise."""
    first, second = case.play(source, "scenario"), case.play(source, "scenario")
    for play in (first, second):
        if (play.code, play.shown) != (1, shown):
            return f"its short form does not show the same: {' '.join(play.shown)}"
    same = [one == other for one, other in zip(first.dealings, second.dealings, strict=True)]
    if not any(same):
        return "its dealings with the target differ from run to run"
    case.level, case.wanted = same.index(True), first
    control = case.play(source, "control")
    return "" if control.code == 0 else f"the control beside it does not hold: {' '.join(control.shown)}"


def shrunk(case: Case, tree: ast.Module) -> str:
    """The text of the smallest script that was found; `tree` has been found to show what is wanted."""
    tree = better(case, tree, simplified(tree, FIXED, ROOTS))
    if results := certain_results(case, tree):
        tree = better(case, tree, simplified(PutResults(results).visit(copy.deepcopy(tree)), FIXED, ROOTS))
    source = ast.unparse(tree)
    scenario, control = (case.lines(source, function) for function in ROOTS)
    tree = ast.parse(reduced(source, case.same, trimmable(source, scenario, control, FIXED)))
    alone = ast.Module([node for node in tree.body if getattr(node, "name", "") != "control"], [])
    return ast.unparse(better(case, alone, simplified(alone, FIXED, ROOTS[:1]))) + "\n"


def certain_results(case: Case, tree: ast.Module) -> dict[str, str]:
    """Calls that follow from the case alone, with what they come to in two forks."""
    calls = certain_calls(tree, FIXED)
    if not calls:
        return {}
    first, second = (case.in_fork(ast.unparse(tree), lambda module: dict(worked_out(calls, vars(module)))) or {} for _ in range(2))
    return {call: text for call, text in first.items() if second.get(call) == text}


def better(case: Case, tree: ast.Module, simple: ast.Module) -> ast.Module:
    """The simpler tree when it is as good."""
    return simple if case.same(simple) else tree


def main() -> None:
    """Answer line by line."""
    importlib.import_module("stageflow")
    for line in sys.stdin:
        if line.strip():
            sys.stdout.write(json.dumps(minimal(json.loads(line))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
