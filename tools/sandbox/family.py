"""The processes that descend from one, and their end."""

import contextlib
import os
import time
from pathlib import Path


def descendants(leader: int) -> set[int]:
    """A process and all that descend from it."""
    parents = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - one call, many entries
        if name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(name)] = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
    found = {leader}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def wait_for_end(pids: set[int], seconds: float) -> None:
    """Wait until none of these processes runs any more: a kill returns before they are dead."""
    until = time.monotonic() + seconds
    while any(map(runs, pids)) and time.monotonic() < until:
        time.sleep(0.005)


def runs(pid: int) -> bool:
    """Whether a process is there and is no zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return False
