"""Tells without reading it whether a large file is still what this program left; small ones are cheaper to read than to trust.

A file that was written here gets a time of its own, finer than the ticks by which the kernel dates a write: whatever is written
afterwards, even within the same tick and with the same number of bytes, gives it another time.
"""

import os
import stat
import time
from pathlib import Path
from typing import NamedTuple

LARGE = 1 << 20
"""Bytes from which on a file is not read only to see that it is unchanged."""


class FileState(NamedTuple):
    """What the file system says of a file; `changed` cannot be set by a program.

    Attributes:
        inode: which file it is.
        size: its bytes.
        modified: time of its content, in nanoseconds.
        changed: time of its last change of any kind.
    """

    inode: int
    size: int
    modified: int
    changed: int


def state_at(path: Path) -> FileState | None:
    """The state of a large file that has only this one name; None for everything else."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return state_of(handle)
    finally:
        os.close(handle)


def state_of(handle: int) -> FileState | None:
    """The same for an open file."""
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size < LARGE:
        return None
    return FileState(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def date(handle: int) -> int:
    """Give an open file that was just written its own time; call it before the sync."""
    now = time.time_ns()
    os.utime(handle, ns=(now, now))
    return now


def left_as(handle: int, modified: int) -> FileState | None:
    """The state of a file that was dated so; None where the file system does not keep times that fine."""
    state = state_of(handle)
    return state if state and state.modified == modified and modified % 1_000_000 else None


def dated_at(path: Path) -> FileState | None:
    """Give a large file its own time and say its state; who reads it after that and finds it right may trust the state."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return left_as(handle, date(handle)) if state_of(handle) else None
    except OSError:  # somebody else's file
        return None
    finally:
        os.close(handle)
