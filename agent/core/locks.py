"""A lock that one process holds on a run; a dead process holds nothing."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from agent.core.errors import RunLocked, WorkspaceUnwritable


@contextlib.contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Hold `path` exclusively; the holder's process id is written into it.

    Raises:
        RunLocked: another live process holds it; the message says which.
        WorkspaceUnwritable: the lock file cannot be made.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise WorkspaceUnwritable(f"cannot write {path}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
        os.close(handle)
        raise RunLocked(f"process {holder} works on {path.parent}", hint="Wait for it, or stop it and resume.") from None
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def held(path: Path) -> bool:
    """Whether a live process holds the lock; nothing is changed."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
