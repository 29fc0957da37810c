"""Runs a script or module with ARGS and takes something from it when it is about to touch the disk at a chosen place.

    python -m bench.resources.hook PLAN.json FD agent|SCRIPT.py ARGS

PLAN holds `folder` (only what happens below it counts), `labels` (places, see `bench.soak.hook.label_of`), `how` (one of WAYS) and
`ballast` (a folder on the disk of `folder` to fill it from). The place that was hit is written to the file descriptor FD.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.soak.hook import CHANGING, become, label_of

WAYS = ("SIGINT", "SIGTERM", "SIGKILL", "disk", "inodes", "handles", "memory", "file size")


def fill(ballast: Path) -> None:
    """Take all room of the disk."""
    state = os.statvfs(ballast)
    with (ballast / "room").open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, state.f_bavail * state.f_frsize)


def crowd(ballast: Path) -> None:
    """Make as many files as the disk takes."""
    for number in range(os.statvfs(ballast).f_favail):
        (ballast / f"file-{number}").touch()


def few_handles(ballast: Path) -> None:
    """Let no further file be opened."""
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def little_memory(ballast: Path) -> None:
    """Leave a megabyte of addresses."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 20), resource.RLIM_INFINITY))


def small_files(ballast: Path) -> None:
    """Let no file become larger than a hundred bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))


TAKE: dict[str, Callable[[Path], None]] = {
    "disk": fill,
    "inodes": crowd,
    "handles": few_handles,
    "memory": little_memory,
    "file size": small_files,
}


def install(plan: dict[str, Any], told: int) -> None:
    """Watch this process."""
    folder, labels = plan["folder"], set(plan["labels"])

    def hook(event: str, args: tuple[Any, ...]) -> None:
        label = label_of(event, args, folder) if labels and (event == "open" or event in CHANGING) else ""
        if label not in labels:
            return
        labels.clear()
        os.write(told, f"{label}\n".encode())
        if plan["how"] in TAKE:
            TAKE[plan["how"]](Path(plan["ballast"]))
        else:
            os.kill(os.getpid(), getattr(signal, plan["how"]))

    sys.addaudithook(hook)


def main() -> None:
    """Install the hook, become the other program."""
    plan, told, program, *args = sys.argv[1:]
    install(json.loads(Path(plan).read_text(encoding="utf-8")), int(told))
    become(program, args)


if __name__ == "__main__":
    main()
