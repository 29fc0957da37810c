"""The missions of a batch as processes of their own: one that crashes, hangs or meets a full disk harms no other."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.commands.batch_carrying import GRACE, TICK, Carrier, Mission
from agent.commands.batch_plan import Planned, newest_run
from agent.commands.runs import is_finished, name_of
from agent.core.batch import Ended, Outcome, Running, log_of, now

TRIES = 2
"""A mission that crashes is resumed once."""
TAIL = 2048
"""Bytes at the end of a log in which its last line is looked for."""
CANNOT = (2, 4)
"""Exit codes that another try would only repeat."""


@dataclass(frozen=True)
class Terms:
    """What holds for all missions of a batch.

    Attributes:
        runs: folder of runs.
        command: options for every mission, target and folder of runs included.
        fingerprint: of the target.
        abreast: how many run at once on this machine.
        mission_seconds: after which a mission counts as hung.
        until: on the monotonic clock, when all are told to stop.
    """

    runs: Path
    command: tuple[str, ...]
    fingerprint: str
    abreast: int
    mission_seconds: float
    until: float


@dataclass
class Child:
    """A mission under way.

    Attributes:
        entry: its entry.
        process: of its present try.
        tries: how often it was started.
        stopping: since when it is told to stop, on the monotonic clock; 0: it is not.
        why: why it was told to stop.
    """

    entry: str
    process: Mission
    tries: int = 1
    began: float = field(default_factory=time.monotonic)
    started_at: str = field(default_factory=now)
    stopping: float = 0.0
    why: str = ""


@dataclass
class Wish:
    """What the person wants: 0 go on, 1 begin no more missions, 2 stop all of them, resumably."""

    level: int = 0

    def more(self, number: int, frame: object) -> None:
        """Of a signal: Ctrl-C goes one step further, SIGTERM all the way."""
        self.level = 2 if number == signal.SIGTERM else min(2, self.level + 1)


def last_line(runs: Path, entry: str, start: str = "") -> str:
    """What a mission said last; of the lines that begin with `start` when there are such."""
    try:
        with log_of(runs, entry).open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - TAIL))
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    told = [line for line in lines if line.strip() and not line.startswith("#")]
    said = next((line for line in reversed(told) if line.startswith(start)), told[-1] if told else "")
    return "".join(char for char in said if char.isprintable()).strip()[:160]


def run_missions(
    plan: Sequence[Planned],
    terms: Terms,
    carrier: Carrier,
    wish: Wish,
    ended: Callable[[Ended], None],
    tick: Callable[[Sequence[Running], int], None],
) -> int:
    """Run the missions, as many at once as there is room for, and tell how each ended.

    Returns:
        How many were not begun.
    """
    waiting, children = deque(plan), list[Child]()
    try:
        while waiting or children:
            stop_late(children, terms, wish)
            for child in [child for child in children if child.process.poll() is not None]:
                if again(child, carrier):
                    continue
                children.remove(child)
                ended(how_it_ended(child, terms))
            late = time.monotonic() > terms.until
            while waiting and not wish.level and not late and carrier.room(len(children)):
                entry = waiting.popleft().entry
                children.append(Child(entry, carrier.begin(entry)))
            if not children and (wish.level or late):
                break
            tick([running(child, terms) for child in children], len(waiting))
            time.sleep(TICK)
    finally:
        for child in children:
            child.process.kill()
    return len(waiting)


def running(child: Child, terms: Terms) -> Running:
    """A child for whoever watches."""
    doing = last_line(terms.runs, child.entry)
    return Running(entry=child.entry, pid=child.process.pid, started_at=child.started_at, doing=doing, worker=child.process.where)


def stop_late(children: Sequence[Child], terms: Terms, wish: Wish) -> None:
    """Tell missions to stop that must, and kill those that do not."""
    at = time.monotonic()
    for child in children:
        if child.stopping:
            if at - child.stopping > GRACE:
                child.process.kill()
        elif wish.level > 1 or at > terms.until:
            told_to_stop(child, "")
        elif at - child.began > terms.mission_seconds:
            told_to_stop(child, f"took longer than {terms.mission_seconds / 60:.0f} minutes and was stopped")


def told_to_stop(child: Child, why: str) -> None:
    """Ask for a resumable end."""
    child.stopping, child.why = time.monotonic(), why
    child.process.terminate()


def ended_with(child: Child) -> int:
    """Exit code of a child that has ended."""
    assert child.process.returncode is not None
    return child.process.returncode


def again(child: Child, carrier: Carrier) -> bool:
    """Resume a mission that crashed, unless it did so before."""
    code = ended_with(child)
    crashed = code < 0 or code not in (0, 1, 3, 5, 130, *CANNOT)
    if not crashed or child.stopping or child.tries >= TRIES:
        return False
    child.tries += 1
    child.process = carrier.begin(child.entry)
    return True


def how_it_ended(child: Child, terms: Terms) -> Ended:
    """The end of a child, in the terms of the batch's ledger."""
    code = ended_with(child)
    run = newest_run(terms.runs, child.entry)
    outcome = outcome_of(code, finished=run is not None and is_finished(run), told=bool(child.stopping), hung=bool(child.why))
    return Ended(
        entry=child.entry,
        run=name_of(run) if run else "",
        target=terms.fingerprint,
        outcome=outcome,
        code=code,
        seconds=round(time.monotonic() - child.began, 1),
        why="" if outcome == "finished" else child.why or said_of(code, last_line(terms.runs, child.entry, "error: ")),
    )


def outcome_of(code: int, *, finished: bool, told: bool, hung: bool) -> Outcome:
    """What an exit code of a mission means; `told`: the batch asked it to stop, `hung`: because it took too long."""
    if code in (0, 1) and finished:
        return "finished"
    if hung:
        return "failed"
    if code == 5:
        return "waiting"
    return "stopped" if told or code in (3, 130) else "failed"


def said_of(code: int, line: str) -> str:
    """Why a mission did not finish, as far as it told."""
    died = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"{died}: {line}" if line else died
