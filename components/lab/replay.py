"""Plays stand-alone proofs inside the sandbox: stageflow is imported once, every proof gets a fork of its own.

    python components/lab/replay.py < proofs.jsonl > plays.jsonl

A line of input is `{"script": path, "seconds": limit}`; a line of output has `script`, `code` (its exit code, null when it was
killed at the limit), `stdout` and `stderr`.
"""

import contextlib
import importlib
import json
import os
import runpy
import signal
import sys
import time
from pathlib import Path
from typing import Any

KEPT = 4000
"""Characters of each output."""
PAUSE = 0.002


def become(script: str, outputs: list[Path]) -> None:
    """Turn this process into the script; it ends as the script ends, and with 1 and a traceback when that raises."""
    os.setpgid(0, 0)
    for number, file in enumerate(outputs, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = [script]
    try:
        runpy.run_path(script, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def wait(pid: int, seconds: float) -> int | None:
    """Exit code of a child; None when it had to be killed. Whatever it started ends with it."""
    limit = time.monotonic() + seconds
    ended, status = os.waitpid(pid, os.WNOHANG)
    while not ended and time.monotonic() < limit:
        time.sleep(PAUSE)
        ended, status = os.waitpid(pid, os.WNOHANG)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if ended:
        return os.waitstatus_to_exitcode(status)
    os.waitpid(pid, 0)
    return None


def play(job: dict[str, Any]) -> dict[str, Any]:
    """Play one proof in a fork."""
    outputs = [Path("stdout"), Path("stderr")]
    pid = os.fork()
    if pid == 0:
        become(job["script"], outputs)
    code = wait(pid, job["seconds"])
    texts = [file.read_text(encoding="utf-8", errors="replace")[-KEPT:] if file.exists() else "" for file in outputs]
    for file in outputs:
        file.unlink(missing_ok=True)
    return {"script": job["script"], "code": code, "stdout": texts[0], "stderr": texts[1]}


def main() -> None:
    """Read jobs from standard input, write plays to standard output."""
    with contextlib.suppress(ImportError):  # then every script says so itself
        importlib.import_module("stageflow")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(play(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
