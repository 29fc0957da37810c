"""A lock that one process holds on a run; a dead process holds nothing, and neither do its children."""

import contextlib
import datetime as dt
import errno
import fcntl
import json
import os
import socket
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from agent.core.errors import AgentError, RunLocked, WorkspaceUnwritable
from agent.core.record import Record
from agent.core.shortage import ran_out, told

LONGEST = 300
"""Characters kept of a command."""
_held: set[int] = set()
_written: dict[Path, bytes] = {}
"""Locks of runs that this process holds, and what it wrote into them."""


class Holder(Record):
    """What the holder of a lock writes into it."""

    pid: int
    """Its process."""
    host: str
    """Its machine."""
    since: str
    """UTC, ISO 8601."""
    command: str
    """As it was started."""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}: {self.command}"


def this_process() -> Holder:
    """What this process writes."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    words = " ".join([Path(sys.orig_argv[0]).name, *sys.orig_argv[1:]]).split()
    command = "".join(letter if letter.isprintable() else "?" for letter in " ".join(words))
    return Holder(pid=os.getpid(), host=socket.gethostname(), since=now, command=command[:LONGEST])


@contextlib.contextmanager
def run_lock(path: Path) -> Iterator[str]:
    """Hold `path` exclusively; yields who held it before and died without letting go, in words, or nothing.

    Raises:
        RunLocked: another live process holds it; the message says which.
        WorkspaceUnwritable: the lock file cannot be made.
    """
    handle = _opened(path, os.O_RDWR | os.O_CREAT)
    try:
        _taken(handle, path)
        before = _content(handle)
        os.ftruncate(handle, 0)
        mine = this_process().model_dump_json().encode()
        os.pwrite(handle, mine, 0)
    except OSError as error:
        _released(handle)
        raise told(error, path) or WorkspaceUnwritable(f"cannot write {path}: {error.strerror}") from error
    except RunLocked:
        _released(handle)
        raise
    _written[path] = mine
    try:
        yield f"its lock was left by {before}, which is gone; taken over" if before else ""
    finally:
        _written.pop(path, None)
        with contextlib.suppress(OSError):  # a full disk lets go all the same
            os.ftruncate(handle, 0)
        _released(handle)


def still_ours(folder: Path) -> None:
    """See that nobody has taken over a run that this process works on: locks may be removed, or lost by a network file system.

    Raises:
        RunLocked: somebody has; nothing of ours may be written there any more.
    """
    path = folder / "run.lock"
    try:
        found = path.read_bytes() if path in _written else b""
    except OSError:
        found = b""
    if found and found != _written[path]:
        hint = "This process has ended without writing anything more; the other one goes on."
        raise RunLocked(f"another process has taken over {folder}", hint=hint)


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold a folder while a run is chosen or made in it; whoever comes at the same instant waits.

    Raises:
        WorkspaceUnwritable: there is no such folder, and it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message, hint = f"cannot create a run folder in {folder}: {error.strerror}", "Choose a writable folder with --runs DIR."
        long = error.errno == errno.ENAMETOOLONG  # the path itself would be all that is seen
        raise (told(error, folder) if long else ran_out(error, folder)) or WorkspaceUnwritable(message, hint=hint) from error
    handle = _opened(folder.with_name(f".{folder.name}.lock"), os.O_RDWR | os.O_CREAT)  # NFS locks no folders
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        _released(handle)


@contextlib.contextmanager
def free_locks(paths: Iterable[Path], most: int) -> Iterator[set[Path]]:
    """Hold the first `most` of the locks that no live process holds, and yield them; one that cannot be made counts as held by us."""
    handles: list[int] = []
    ours: set[Path] = set()
    try:
        for path in paths:
            if len(ours) == most:
                break
            with contextlib.suppress(BlockingIOError):
                if (handle := _free(path)) is not None:
                    handles.append(handle)
                ours.add(path)
        yield ours
    finally:
        for handle in handles:
            _released(handle)


def _free(path: Path) -> int | None:
    """Handle of a lock that is held from now on; None when it cannot be made.

    Raises:
        BlockingIOError: a live process holds it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = _opened(path, os.O_RDWR | os.O_CREAT)
    except (OSError, AgentError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _released(handle)
        raise
    return handle


def _opened(path: Path, flags: int) -> int:
    try:
        handle = os.open(path, flags | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise told(error, path) or WorkspaceUnwritable(f"cannot write {path}: {error.strerror}") from error
    _held.add(handle)
    return handle


def _taken(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _content(handle) or "another process"
        run = f"{path.parent.parent.name}/{path.parent.name}"
        hint = (
            f"Wait for it, or end it and go on with `python -m agent --resume {run}`; `python -m agent report {run}` shows what is there."
        )
        raise RunLocked(f"{holder} works on {path.parent}", hint=hint) from None


def _content(handle: int) -> str:
    """Who is written in a lock file, in words."""
    text = os.pread(handle, 4096, 0).decode(errors="replace").strip()
    try:
        return str(Holder.model_validate(json.loads(text))) if text else ""
    except ValueError:
        return f"process {text[:20]}"


def _released(handle: int) -> None:
    _held.discard(handle)
    os.close(handle)


def _let_go_in_child() -> None:
    """A lock belongs to all who inherited its handle: a forked child must not keep it when its parent is gone."""
    for handle in _held:
        with contextlib.suppress(OSError):
            os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


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
