"""One life of a program under the hook: from its start to its end, or to the place where it is stopped."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.rows import ROOT
from bench.soak.disk import Disk

How = Literal["SIGKILL", "SIGTERM", "SIGINT", "cut"]
LONGEST = 900.0
"""Seconds after which a program counts as hanging."""


@dataclass(frozen=True)
class Life:
    """How a process ended.

    Attributes:
        hit: the place at which it was stopped; empty when it came to its own end.
        code: exit code; negative for a signal.
        said: the end of its output.
    """

    hit: str
    code: int
    said: str

    @property
    def crashed(self) -> bool:
        """Whether it told a traceback."""
        return "Traceback (most recent call last)" in self.said


def live(program: list[str], folder: Path, labels: Iterable[str], how: How, disk: Disk | None = None, log: Path | None = None) -> Life:
    """Run a program until it ends or is about to touch one of the places below a folder."""
    with tempfile.TemporaryDirectory() as temp:
        plan = Path(temp) / "plan.json"
        stop = "wait" if how == "cut" else how
        plan.write_text(json.dumps({"folder": str(folder), "labels": list(labels), "how": stop, "log": str(log) if log else None}))
        read, told = os.pipe()
        command = [sys.executable, "-m", "bench.soak.hook", str(plan), str(told), *program]
        with (Path(temp) / "said").open("w+b") as said:
            process = subprocess.Popen(command, cwd=ROOT, pass_fds=(told,), stdout=said, stderr=said, start_new_session=True)
            os.close(told)
            hit = _hit(read)
            if hit and how == "cut" and disk is not None:
                disk.cut()
                os.killpg(process.pid, signal.SIGKILL)
            code = _ended(process)
            said.seek(0)
            text = said.read()[-4_000:].decode(errors="replace")
    if hit and how == "cut" and disk is not None:
        disk.unmount()
        disk.mount()
    return Life(hit, code, text)


def _hit(read: int) -> str:
    """What the hook tells; empty when the process ends without being stopped."""
    with os.fdopen(read, "rb") as stream:
        ready, _, _ = select.select([stream], [], [], LONGEST)
        return stream.readline().decode().rstrip("\n") if ready else ""


def _ended(process: "subprocess.Popen[bytes]") -> int:
    try:
        return process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()
