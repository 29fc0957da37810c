"""Runs the Python blocks of pages as scripts: stageflow is imported once, each block gets a fork and a `__main__` of its own.

    python -I -W error blocks.py < [[place, code], ...] > rows of {"place", "error"}

Warnings are errors, nothing is supplied, and the clock is the real one.
"""

import importlib
import json
import logging
import os
import pkgutil
import select
import signal
import sys
import tempfile
import time
import traceback
import types
import warnings

SECONDS = 20.0
"""Real time of one block."""
AT_ONCE = 2


def preload() -> None:
    """Import what the blocks import anyway; the fork inherits it."""
    package = importlib.import_module("stageflow")
    for found in pkgutil.walk_packages(package.__path__, "stageflow.", onerror=lambda name: None):
        if not found.name.endswith("__main__"):
            try:
                importlib.import_module(found.name)
            except ImportError:
                continue  # a page says which one that is


def play(place: str, code: str, report: int) -> None:
    """Run a block and write why it failed; never returns."""
    silence = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(silence, number)
    warnings.resetwarnings()
    warnings.simplefilter("error")
    logging.lastResort = None
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            exec(compile(code, place, "exec", dont_inherit=True), vars(main))
        except BaseException:
            os.write(report, traceback.format_exc().encode()[-3000:])
        os.chdir("/")
    os._exit(0)


def started(place: str, code: str) -> tuple[int, int]:
    """(process id, pipe that its error comes from)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.close(reading)
        play(place, code, writing)
    os.close(writing)
    return pid, reading


def error_of(pid: int, pipe: int, deadline: float) -> str:
    """Wait for a block; empty when it ran to its end."""
    said = b""
    while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
        chunk = os.read(pipe, 65536)
        if not chunk:
            break
        said += chunk
    else:
        os.kill(pid, signal.SIGKILL)
        said += b"not finished in time"
    os.close(pipe)
    status = os.waitpid(pid, 0)[1]
    return said.decode(errors="replace") or (f"ended with status {status}" if status else "")


def main() -> None:
    """Play the blocks, a few at a time, and answer in their order."""
    blocks = json.load(sys.stdin)
    preload()
    waiting: list[tuple[str, int, int]] = []

    def answer() -> None:
        place, pid, pipe = waiting.pop(0)
        sys.stdout.write(json.dumps({"place": place, "error": error_of(pid, pipe, time.monotonic() + SECONDS)}) + "\n")
        sys.stdout.flush()

    for place, code in blocks:
        sys.stdout.flush()
        waiting.append((place, *started(place, code)))
        if len(waiting) == AT_ONCE:
            answer()
    while waiting:
        answer()


if __name__ == "__main__":
    main()
