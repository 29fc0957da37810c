"""A process that has imported stageflow and forks for every program that is to run: none pays for that import again.

    python zygote.py FOLDER

FOLDER holds two named pipes: jobs are read from `ask`, one JSON line each, and told in `told` when they are over. A job is
`{"id", "file", "args", "cwd", "folder", "seconds"}`; its output goes to `stdout` and `stderr` in its folder, which is also its home. The
answer is `{"id", "code", "seconds", "peak_kib"}`, `code` null when it was killed for running too long. `end` instead of a job ends all.
"""

import atexit
import contextlib
import ctypes
import importlib
import json
import os
import runpy
import select
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PAUSE = 0.01
PR_SET_CHILD_SUBREAPER = 36
"""Of prctl(2): orphans become our children, so that they can be found and ended."""
END = "end"


def become(job: dict[str, Any]) -> None:
    """Turn this process into the program; it ends as the program ends, and with 1 and a traceback when that raises."""
    os.setpgid(0, 0)
    for number, name in enumerate(("stdout", "stderr"), 1):
        os.dup2(os.open(Path(job["folder"]) / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.environ.update(dict.fromkeys(("HOME", "TMPDIR"), job["folder"]))
    tempfile.tempdir = None
    os.chdir(job["cwd"])
    sys.argv = [job["file"], *job["args"]]
    sys.path.insert(0, str(Path(job["file"]).parent))
    try:
        runpy.run_path(job["file"], run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


def children() -> list[int]:
    """Processes whose parent this one is."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int(place.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(place.parent.name))
    return found


def clear() -> None:
    """End everything that a program has left behind, and what that leaves."""
    while left := children():
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


class Zygote:
    """Reads jobs and plays them.

    Args:
        folder: of the two pipes.
    """

    def __init__(self, folder: Path) -> None:
        self._ask = os.open(folder / "ask", os.O_RDWR)  # also for writing, so that nobody's end of it is the end
        self._told = os.open(folder / "told", os.O_RDWR)
        self._unread = b""

    def next(self, seconds: float | None) -> str:
        """The next line; empty when none came in that time."""
        while b"\n" not in self._unread:
            if not select.select([self._ask], [], [], seconds)[0]:
                return ""
            self._unread += os.read(self._ask, 1 << 16)
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def play(self, job: dict[str, Any]) -> bool:
        """Run one program in a fork; False when it was called off."""
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            become(job)
        ended, status, used = os.wait4(pid, os.WNOHANG)
        while not ended and time.monotonic() - began < job["seconds"]:
            if self.next(PAUSE) == END:
                clear()
                return False
            ended, status, used = os.wait4(pid, os.WNOHANG)
        seconds = time.monotonic() - began
        if not ended:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            _, status, used = os.wait4(pid, 0)
        clear()
        code = os.waitstatus_to_exitcode(status) if ended else None
        told = {"id": job["id"], "code": code, "seconds": seconds, "peak_kib": used.ru_maxrss}
        os.write(self._told, (json.dumps(told) + "\n").encode())
        return True


def main() -> None:
    """Import once, then play until the end."""
    zygote = Zygote(Path(sys.argv[1]))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for name in ("stageflow.api", "stageflow"):
        with contextlib.suppress(ImportError):  # then every program says so itself
            importlib.import_module(name)
            break
    while (line := zygote.next(None)) != END:
        if not zygote.play(json.loads(line)):
            return


if __name__ == "__main__":
    main()
