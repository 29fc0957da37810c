"""Runs a script or module with ARGS and stops it when it is about to touch the disk at a chosen place.

    python -m bench.soak.hook PLAN.json FD agent|SCRIPT.py ARGS

PLAN holds `folder` (only what happens below it counts), `labels` (places, see `label_of`), `how` (SIGKILL, SIGTERM, SIGINT, or wait) and
`log` (file for every place that is touched, or null). The place that was hit is written to the file descriptor FD. CPython's audit events
tell every open for writing, rename, removal and new folder just before it happens, so that the product needs no hooks for its own death.
"""

import json
import os
import re
import runpy
import signal
import sys
import time
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
CHANGING = {"os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "os.link": 1, "os.symlink": 1}
"""Audit events that change the disk, and which of their arguments is the path that changes."""
VARIABLE = re.compile(r"\d{8}T\d+Z|\.\d+\.tmp|(?<=-)[0-9a-f]{10}(?=\.|$)|run-\d{4}-\d\d-\d\d-\d+")
"""Parts of a path that differ between two runs."""


def label_of(event: str, args: tuple[Any, ...], folder: str) -> str:
    """The place of an audit event, alike in every run; empty when it changes nothing below the folder."""
    if event == "open" and isinstance(args[2], int) and args[2] & WRITES:
        path = args[0]
    elif event in CHANGING:
        path = args[CHANGING[event]]
    else:
        return ""
    if not isinstance(path, str | bytes | os.PathLike):
        return ""
    text = os.fsdecode(path)
    return f"{event} {VARIABLE.sub('*', text[len(folder) :])}" if text.startswith(folder) else ""


def install(plan: dict[str, Any], told: int) -> None:
    """Watch this process."""
    folder, labels = plan["folder"], set(plan["labels"])
    log = os.open(plan["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND) if plan["log"] else None

    def hook(event: str, args: tuple[Any, ...]) -> None:
        label = label_of(event, args, folder) if event == "open" or event in CHANGING else ""
        if not label:
            return
        if log is not None:
            os.write(log, f"{label}\n".encode())
        if label in labels:
            labels.clear()
            os.write(told, f"{label}\n".encode())
            if plan["how"] == "wait":
                time.sleep(600)
            os.kill(os.getpid(), getattr(signal, plan["how"]))

    sys.addaudithook(hook)


def main() -> None:
    """Install the hook, become the other program."""
    plan, told, program, *args = sys.argv[1:]
    install(json.loads(Path(plan).read_text(encoding="utf-8")), int(told))
    become(program, args)


def become(program: str, args: list[str]) -> None:
    """Run a script, or a module by its name, as if it had been called."""
    sys.argv = [program, *args]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin with Ctrl-C ignored
    if program.endswith(".py"):
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
