"""Runs programs in forks of one sandboxed process that has imported the target: a third of a second less for each of them.

For code of our own only: programs of one mission share the sandbox, though neither memory nor processes.
"""

import contextlib
import json
import os
import select
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.core.errors import AgentError
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext
from tools.run_code import run_python
from tools.sandbox.contract import Outcome
from tools.sandbox.leftovers import tidy
from tools.sandbox.supervise import Kept

ZYGOTE = Path("components/lab/zygote.py")
PROGRAMS = (ZYGOTE, Path("components/lab/import_file.py"))
"""What may be read beside the folder of the programs."""
START_SECONDS = 20.0
"""On top of a program's own limit: importing the target on a busy machine."""
LONGEST = 24 * 3600.0
END_SECONDS = 5.0


@dataclass
class WarmPython:
    """One warm process, started when it is first needed, in a thread that waits for its sandbox.

    Attributes:
        settings: choice of sandbox.
        target: what is imported.
        root: working folder of all programs, readable.
        writable: what they may change.
        folder: for the pipes and the programs' own folders.
    """

    settings: Settings
    target: Target
    root: Path
    writable: tuple[Path, ...]
    folder: Path
    _thread: threading.Thread | None = None
    _pipes: dict[str, int] = field(default_factory=dict)
    _number: int = 0
    _unread: bytes = b""

    def run(self, file: Path, args: Sequence[str], *, seconds: float, output_kib: int) -> Outcome | None:
        """Run a program to its end; None when the warm process cannot: the program is then to be run by itself."""
        self._number += 1
        place = self.folder / str(self._number)
        place.mkdir(mode=0o777)
        place.chmod(0o777)  # the sandbox may be another user
        job = {"id": self._number, "file": str(file), "args": list(args), "cwd": str(self.root), "folder": str(place), "seconds": seconds}
        if not self._started():
            return None
        os.write(self._pipes["ask"], (json.dumps(job) + "\n").encode())
        if (told := self._told(seconds + START_SECONDS)) is None:
            self.end()
            return None
        out, err = (kept(place / name, output_kib) for name in ("stdout", "stderr"))
        tidy((*self.writable, place))
        code, timed_out = told["code"], told["code"] is None
        peak, took = int(told["peak_kib"]), float(told["seconds"])
        return Outcome(code, timed_out, out.value(), err.value(), bool(out.dropped or err.dropped), took, peak)

    def end(self) -> None:
        """End it, and what it runs."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        with contextlib.suppress(OSError):
            os.write(self._pipes["ask"], b"end\n")
        thread.join(END_SECONDS)
        for pipe in self._pipes.values():
            os.close(pipe)
        self._pipes = {}

    def _started(self) -> bool:
        """Whether it is there; it is not started again once it died."""
        if self._thread is None and not self._pipes and self._number == 1:
            for name in ("ask", "told"):
                os.mkfifo(self.folder / name)
                (self.folder / name).chmod(0o666)
                self._pipes[name] = os.open(self.folder / name, os.O_RDWR | os.O_NONBLOCK)
            self._thread = threading.Thread(target=self._serve, daemon=True, name="warm python")
            self._thread.start()
        return self._thread is not None and self._thread.is_alive()

    def _serve(self) -> None:
        scripts = [self.settings.project / program for program in PROGRAMS]
        with contextlib.suppress(AgentError, OSError):  # then it is not there, and programs run by themselves
            run_python(
                ["-P", str(scripts[0]), str(self.folder)],
                context=ToolContext(self.settings, self.target, None, lambda line: None),
                cwd=self.root,
                readable=(self.root, *scripts),
                writable=(*self.writable, self.folder),
                seconds=LONGEST,
            )

    def _told(self, seconds: float) -> dict[str, Any] | None:
        """The answer to the present job; None when none comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._thread is not None and self._thread.is_alive():
            while b"\n" in self._unread:
                line, _, self._unread = self._unread.partition(b"\n")
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    row: dict[str, Any] = json.loads(line)
                    if row["id"] == self._number and {"code", "seconds", "peak_kib"} <= row.keys():
                        return row
            with contextlib.suppress(OSError, ValueError, KeyError):  # it may be ended meanwhile, by another thread
                if select.select([self._pipes["told"]], [], [], 0.2)[0]:
                    self._unread += os.read(self._pipes["told"], 1 << 16)
        return None


def kept(file: Path, kib: int) -> Kept:
    """The first and the last half of an output."""
    found = Kept(kib << 10)
    if file.is_file() and not file.is_symlink():
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 16):
                found.add(chunk)
    return found


@contextlib.contextmanager
def warm_python(settings: Settings, target: Target, root: Path, writable: tuple[Path, ...]) -> Iterator[WarmPython]:
    """A warm process for a while."""
    with tempfile.TemporaryDirectory(prefix="warm-", ignore_cleanup_errors=True) as folder:
        warm = WarmPython(settings, target, root.resolve(), writable, Path(folder).resolve())
        try:
            yield warm
        finally:
            warm.end()
