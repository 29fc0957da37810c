"""Plays stand-alone proofs again, each in a fresh sandboxed process, and says what their exit codes mean."""

import ast
import functools
import json
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Literal, TypeVar

from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext
from agent.court.plays import CRASHED
from tools.run_code import run_python
from tools.sandbox.text import plain

State = Literal["present", "absent", "not applicable", "unknown"]

SECONDS = 60.0
"""Time of a script that does not say how long it may take."""
START_UP = 30.0
"""On top: importing stageflow on a busy machine."""
WARM = Path("components/lab/replay.py")
"""Plays many scripts in one process of the target."""
OUTPUT_KIB = 16 * 1024
CRASH = re.compile(r"^(Traceback \(most recent call last\)|\w*Error: )", re.MULTILINE)
STATES: dict[int, State] = {0: "absent", 1: "present", 2: "not applicable"}


@dataclass(frozen=True)
class Play:
    """What one run of a proof came to.

    Attributes:
        state: what it says of the defect.
        reason: why there is no verdict; the words of the script otherwise.
        code: its exit code; None when it was killed, or never started.
    """

    state: State
    reason: str
    code: int | None

    @property
    def verdict_code(self) -> int | None:
        """The exit code when it is a verdict; CRASHED when the script itself failed."""
        return CRASHED if self.state == "unknown" and self.code is not None else self.code


def seconds_of(script: Path) -> float:
    """The time limit that the script gives its scenario."""
    return _limit_in(script.read_bytes())


@functools.lru_cache(maxsize=1_000)
def _limit_in(source: bytes) -> float:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "main":
            for keyword in node.keywords:
                if keyword.arg == "seconds" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, int | float):
                    return float(keyword.value.value)
    return SECONDS


def play(script: Path, target: Target, settings: Settings) -> Play:
    """Run the script once. A script that dies of an exception also ends with 1: that is no defect."""
    if not script.is_file():
        return Play("unknown", f"its script is gone: {script}", None)
    context = ToolContext(settings, target, None, lambda line: None)
    outcome = run_python(["-P", str(script)], context=context, readable=(script,), seconds=seconds_of(script) + START_UP)
    said, complained = plain(outcome.stdout), plain(outcome.stderr)
    return read(None if outcome.timed_out else outcome.exit_code, said, complained)


def read(code: int | None, said: str, complained: str) -> Play:
    """What an exit code means, with the outputs that go with it."""
    if code is None:
        return Play("unknown", "killed at its time limit", None)
    if code == 1 and "PRESENT" not in said and CRASH.search(complained):
        return Play("unknown", f"the script itself failed: {last_line(complained)}", code)
    if code not in STATES:
        return Play("unknown", f"no verdict (exit code {code}): {last_line(complained) or last_line(said)}", code)
    return Play(STATES[code], " ".join(said.split())[:300], code)


def play_warm(scripts: Sequence[Path], target: Target, settings: Settings, say: Callable[[int], None]) -> dict[Path, Play]:
    """Run every script once, each in a fork of one process that has imported stageflow: a third of the time of fresh processes."""
    there = [script for script in scripts if script.is_file()]
    plays = {script: Play("unknown", f"its script is gone: {script}", None) for script in scripts if script not in there}
    jobs = [{"script": str(script), "seconds": seconds_of(script) + START_UP} for script in there]

    def heard(line: bytes) -> None:
        try:
            told = json.loads(line)
        except ValueError:
            return
        plays[Path(told["script"])] = read(told["code"], told["stdout"], told["stderr"])
        say(len(plays))

    outcome = run_python(
        ["-P", str(settings.project / WARM)],
        context=ToolContext(settings, target, None, lambda line: None),
        readable=(settings.project / WARM, *there),
        seconds=START_UP + sum(float(str(job["seconds"])) for job in jobs),
        output_kib=OUTPUT_KIB,
        stdin="\n".join(map(json.dumps, jobs)).encode(),
        on_line=heard,
    )
    silent = f"no answer: {last_line(plain(outcome.stderr)) or f'exit code {outcome.exit_code}'}"
    return {script: plays.get(script, Play("unknown", silent, None)) for script in scripts}


def last_line(text: str) -> str:
    """The last line that is not blank."""
    return next((line.strip()[:200] for line in reversed(text.splitlines()) if line.strip()), "")


def agreed(plays: Sequence[Play]) -> tuple[State, str]:
    """The one state of several plays of the same proof; unknown when they differ."""
    states = Counter(each.state for each in plays)
    if len(states) == 1:
        return plays[0].state, plays[0].reason
    if "unknown" in states:
        return "unknown", next(each.reason for each in plays if each.state == "unknown")
    counted = ", ".join(f"{state} in {count}" for state, count in sorted(states.items()))
    return "unknown", f"not the same every time: {counted} of {len(plays)} processes"


ALIVE_SECONDS = 1.0
"""How long an answer is waited for before it is seen whether anybody is left to give it."""
Item = TypeVar("Item")
Answer = TypeVar("Answer")


def heard(answers: "Queue[Answer]", workers: Sequence[Thread]) -> Answer:
    """The next answer.

    Raises:
        MemoryError: every worker is gone, so that it had not even the memory to say why.
    """
    while True:
        left = any(thread.is_alive() for thread in workers)
        try:
            return answers.get(timeout=ALIVE_SECONDS if left else 0.001)
        except Empty:
            if not left:
                raise MemoryError("the workers are gone") from None


def each(work: Callable[[Item], Answer], items: Iterable[Item], jobs: int) -> Iterator[tuple[Item, Answer]]:
    """Items with their answers as they come, `jobs` at a time.

    The threads are daemons: a command that is interrupted ends at once, and the sandbox ends its processes with it.
    """
    waiting, answers = deque(items), Queue[tuple[Item, Answer | BaseException]]()
    number = len(waiting)

    def worker() -> None:
        while True:
            try:
                item = waiting.popleft()
            except IndexError:
                return
            try:
                answers.put((item, work(item)))
            except BaseException as error:
                answers.put((item, error))

    workers = [Thread(target=worker, daemon=True) for _ in range(min(max(1, jobs), number))]
    for thread in workers:
        thread.start()
    try:
        for _ in range(number):
            item, answer = heard(answers, workers)
            if isinstance(answer, BaseException):
                raise answer
            yield item, answer
    finally:
        waiting.clear()
