"""How a planned mission is carried out: as a process of its own, here or wherever a carrier of another kind starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.core.batch import log_of, now

CHILD = ("-m", "agent.batch_child")
TICK = 0.2
"""Seconds between two looks at missions."""
GRACE = 30.0
"""Seconds in which a mission that is told to stop must have stopped."""


class Mission(Protocol):
    """A mission that is carried out, here or on another machine.

    Attributes:
        pid: its process; 0: on another machine.
        where: the worker; empty: here.
        returncode: None as long as it goes on.
    """

    pid: int
    where: str
    returncode: int | None

    def poll(self) -> int | None:
        """Exit code, None as long as it goes on."""
        ...

    def terminate(self) -> None:
        """Ask for a resumable end."""
        ...

    def kill(self) -> None:
        """End it and whatever is left of its process group."""
        ...


class Carrier(Protocol):
    """Who carries missions out."""

    @property
    def abreast(self) -> int:
        """How many at once, as it stands."""
        ...

    def room(self, under_way: int) -> bool:
        """Whether one more may begin."""
        ...

    def begin(self, entry: str) -> Mission:
        """Start or go on with the mission of an entry."""
        ...


class LocalMission(subprocess.Popen[bytes]):
    """A mission as a child of this process."""

    where = ""

    def kill(self) -> None:
        """End it and whatever is left of its process group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.wait()


@dataclass(frozen=True)
class Here:
    """Carries missions out on this machine.

    Attributes:
        runs: folder of runs.
        command: options for every mission.
        abreast: how many at once.
    """

    runs: Path
    command: tuple[str, ...]
    abreast: int

    def room(self, under_way: int) -> bool:
        """Up to as many as are allowed."""
        return under_way < self.abreast

    def begin(self, entry: str) -> Mission:
        """As a child."""
        return begun(entry, self.runs, self.command)


def begun(entry: str, runs: Path, options: Sequence[str], cwd: Path | None = None) -> LocalMission:
    """Start a mission in a session of its own, so that Ctrl-C at the terminal does not reach it."""
    log = log_of(runs, entry)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, *CHILD, str(os.getpid()), "--entry", entry, *options]
    with log.open("ab") as stream:
        stream.write(f"# {now()} {' '.join(command[4:])}\n".encode())
        stream.flush()
        return LocalMission(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True, cwd=cwd)
