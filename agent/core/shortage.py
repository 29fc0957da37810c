"""What a machine runs out of, in one place: errors of the system become one line, and what is short is seen before a result is trusted."""

import errno
import functools
import os
import re
import resource
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from agent.core.errors import AgentError, EnvironmentUnfit, LimitReached, ModelError, RunLocked, WorkspaceUnwritable

RESERVE = 256 << 20
"""Bytes of a disk below which no result is trusted: what a program cannot write, it cannot show."""
FILES = 256
"""The same for files and folders that may still be made."""
PROCESSES = 64
"""Processes and threads that must be left to an ordinary user."""
MEMORY = 256 << 20
"""Bytes of memory that must be available."""
HANDLES, MORE_HANDLES = 128, 4096
"""Files that a process must be able to open, and how many are asked for."""
AGAIN = "then run the same command again; a mission goes on with --resume"

NO_SCRATCH = -1000
"""Stands for the error of `tempfile` when it can write nowhere."""
SPENT = {
    NO_SCRATCH: (
        "no folder for temporary files can be written (TMPDIR, /tmp, /var/tmp)",
        "Free space, or set TMPDIR to a folder with room",
    ),
    errno.ENOSPC: ("the disk is full", "Free space or files on it"),
    errno.EDQUOT: ("the quota of the disk is used up", "Free space or raise the quota"),
    errno.EMFILE: ("this process may open no more files", "Raise the limit (`ulimit -n 1024`)"),
    errno.ENFILE: ("the machine may open no more files", "Close programs that hold many files"),
    errno.EAGAIN: ("no further process or thread can be started", "End processes of this user or raise the limit (`ulimit -u`)"),
    errno.ENOMEM: ("the memory is used up", "End other programs or raise the limit (`ulimit -v`)"),
    errno.EFBIG: ("a file may not become that large", "Raise the limit (`ulimit -f unlimited`)"),
}
"""Error numbers of what can be had again: what ran out, and what to do."""
UNFIT = {
    errno.EROFS: ("the file system is read-only", "Choose a writable folder with --runs DIR"),
    errno.EACCES: ("permission denied", "Fix the permissions, or choose another folder with --runs DIR"),
    errno.EPERM: ("permission denied", "Fix the permissions, or choose another folder with --runs DIR"),
    errno.ENAMETOOLONG: ("the path is too long", "Choose a shorter folder with --runs DIR"),
    errno.EIO: ("the disk fails", "Look at the disk, or choose another folder with --runs DIR"),
}
"""Error numbers of what this machine cannot do."""
DATABASE = {
    "disk is full": errno.ENOSPC,
    "disk I/O error": errno.ENOSPC,
    "unable to open": errno.EACCES,
    "readonly": errno.EROFS,
}
"""Words of SQLite, which gives no number, and the number that comes nearest."""
BOUNDS = (
    (resource.RLIMIT_FSIZE, 64 << 20, "the size of a file", "ulimit -f unlimited"),
    (resource.RLIMIT_AS, 4 << 30, "the memory that a process may address", "ulimit -v unlimited"),
    (resource.RLIMIT_DATA, 1 << 30, "the data that a process may hold", "ulimit -d unlimited"),
)
"""Limits that every program started here inherits, and the least that a sandboxed job needs."""

T = TypeVar("T")


def told(error: BaseException, where: Path | str = "") -> AgentError | None:
    """The deliberate error that an error of the system, or one behind it, comes to; None when it is about something else."""
    for one in chain(error):
        if isinstance(one, LimitReached):
            return one
        number, place = number_of(one), str(getattr(one, "filename", None) or where)
        at = f": {place}" if place else ""
        if number in SPENT:
            what, remedy = SPENT[number]
            return LimitReached(f"{what}{at}", hint=f"{remedy}, {AGAIN}.")
        if number in UNFIT:
            what, remedy = UNFIT[number]
            return WorkspaceUnwritable(f"{what}{at}", hint=f"{remedy}, {AGAIN}.")
    return None


def ran_out(error: BaseException, where: Path | str = "") -> LimitReached | None:
    """As `told`, of what can be had again only."""
    found = told(error, where)
    return found if isinstance(found, LimitReached) else None


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those it was raised for; a lock that is held and a model that does not answer are nothing that ran out."""
    while error is not None and not isinstance(error, RunLocked | ModelError):
        yield error
        error = error.__cause__ or error.__context__


def number_of(error: BaseException) -> int | None:
    """The number of an error of the system."""
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    if isinstance(error, sqlite3.Error):
        return next((number for words, number in DATABASE.items() if words in str(error)), None)
    if isinstance(error, RuntimeError):
        return errno.EAGAIN if "start new thread" in str(error) else None
    if isinstance(error, FileNotFoundError) and "usable temporary directory" in str(error):
        return NO_SCRATCH
    return error.errno if isinstance(error, OSError) else None


def counted(effect: Callable[[], T], places: Iterable[Path]) -> T:
    """Make a call whose result counts only when nothing was short before it and after it: what a starved program says is no verdict.

    Raises:
        LimitReached: something is short, or the call failed for that.
    """
    chosen, killed = tuple(places), kills_for_memory()
    enough(chosen)
    try:
        result = effect()
    except Exception as error:
        if limit := ran_out(error):
            raise limit from error
        _still_enough(chosen, killed)
        raise
    _still_enough(chosen, killed)
    return result


def _still_enough(places: tuple[Path, ...], killed: int) -> None:
    enough(places)
    if kills_for_memory() > killed:
        raise LimitReached("the memory was used up: the kernel ended a program meanwhile", hint=f"End other programs, {AGAIN}.")


def enough(places: Iterable[Path]) -> None:
    """See that disks, memory and processes suffice for one more call.

    Raises:
        LimitReached: one of them is short; the message says which and where.
    """
    for place in places:
        disk_has_room(place)
    if (left := processes_left()) < PROCESSES:
        raise LimitReached(
            f"this user may start {max(0, left)} more processes or threads, a call needs {PROCESSES}", hint=_hint(errno.EAGAIN)
        )
    if (left := memory_left()) < MEMORY:
        raise LimitReached(f"{left >> 20} MB of memory are available, a call needs {MEMORY >> 20}", hint=f"End other programs, {AGAIN}.")


def disk_has_room(place: Path) -> None:
    """See that the disk of a place, or of the folder in which it would be made, has room.

    Raises:
        LimitReached: it has not.
    """
    there = place
    try:
        state = os.statvfs(there)
    except FileNotFoundError:
        there = next(folder for folder in place.parents if folder.exists())
        state = os.statvfs(there)
    free = state.f_bavail * state.f_frsize
    if free < RESERVE:
        raise LimitReached(
            f"the disk is nearly full: {free >> 20} of {RESERVE >> 20} MB that must be free in {there}", hint=_hint(errno.ENOSPC)
        )
    if state.f_files and state.f_favail < FILES:
        message = f"the disk takes {state.f_favail} more files of {FILES} that it must take in {there} (no free inodes)"
        raise LimitReached(message, hint=_hint(errno.ENOSPC))


def _hint(number: int) -> str:
    return f"{SPENT[number][1]}, {AGAIN}."


def bounds_suffice() -> None:
    """Ask for as many open files as may be had, and see that the limits set on this process let a mission do its work.

    Raises:
        EnvironmentUnfit: one of them does not.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MORE_HANDLES if hard == resource.RLIM_INFINITY else min(MORE_HANDLES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < HANDLES:
        raise EnvironmentUnfit(f"a process may open {wanted} files only, {HANDLES} are needed", hint="Raise the limit: `ulimit -n 1024`.")
    for which, needed, what, command in BOUNDS:
        bound = resource.getrlimit(which)[0]
        if bound != resource.RLIM_INFINITY and bound < needed:
            message = f"{what} is limited to {bound >> 20} MB, {needed >> 20} are needed"
            raise EnvironmentUnfit(message, hint=f"Raise the limit: `{command}`.")


def processes_left() -> int:
    """How many processes and threads this user may still start; of root none are counted."""
    bound = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if bound == resource.RLIM_INFINITY or os.geteuid() == 0:
        return PROCESSES
    return bound - threads_of_user()


def threads_of_user() -> int:
    """Threads of this user."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            total += len(os.listdir(process / "task")) if process.stat().st_uid == os.geteuid() else 0  # noqa: PTH208 - one call
        except OSError:
            continue  # it ended while it was counted
    return total


def memory_left() -> int:
    """Bytes that programs can still have; MEMORY where the kernel does not say."""
    amount = _figure("/proc/meminfo", b"MemAvailable:")
    return MEMORY if amount is None else amount << 10


def kills_for_memory() -> int:
    """Programs that the kernel has ended for want of memory: in this control group, or else on this machine."""
    return _figure(_kill_counter(), b"oom_kill") or 0


@functools.cache
def _kill_counter() -> str:
    """The file that counts them; a process stays in its group."""
    group = re.search(rb"^0::(.*)", _content("/proc/self/cgroup"), re.MULTILINE)
    own = f"/sys/fs/cgroup{os.fsdecode(group[1])}/memory.events" if group else ""
    return own if own and _figure(own, b"oom_kill") is not None else "/proc/vmstat"


def _figure(file: str, name: bytes) -> int | None:
    """The number behind a name in a file of the kernel; None when it is not told."""
    found = re.search(rb"^%s\s+(\d+)" % re.escape(name), _content(file), re.MULTILINE)
    return int(found[1]) if found else None


def _content(file: str) -> bytes:
    try:
        with open(file, "rb", buffering=0) as stream:  # noqa: PTH123 - asked four times for every call
            return stream.read()
    except OSError:
        return b""
