"""What an attack is, and the few things that every hostile program needs; standard library only, as it runs inside."""

import contextlib
import ctypes
import json
import os
import platform
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

At = Mapping[str, Any]
"""Where things outside are: paths, ports, process ids, keys; see `tests.sandbox.world`."""
RESULTS = Path("results")
"""What an attack may write, below its working folder, which is a run folder of its own."""


@dataclass(frozen=True)
class Attack:
    """One hostile program.

    Attributes:
        name: unique.
        against: its family, for the table.
        play: the program; it runs inside, in a process of its own.
        limits: of a job of its own (`seconds`, `memory_mb`, `processes`, ...); empty: it may run in one job with others.
        most: what the job may at most use, measured outside (`processes`, `rss_mb`, `disk_mb`, `files`, `kept_kib`, and `overtime`, seconds on top of its own).
        again: the run folder is used by a second job afterwards.
    """

    name: str
    against: str
    play: Callable[[At], object]
    limits: Mapping[str, Any] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    again: bool = False


TABLE: dict[str, Attack] = {}
"""Every attack, by its name."""


def attack(
    against: str, limits: Mapping[str, Any] | None = None, most: Mapping[str, float] | None = None, again: bool = False
) -> Callable[[Callable[[At], object]], Callable[[At], object]]:
    """Put a program into the table, by the name of its function."""

    def add(play: Callable[[At], object]) -> Callable[[At], object]:
        name = play.__name__.replace("_", "-")
        TABLE[name] = Attack(name, against, play, dict(limits or {}), dict(most or {}), again)
        return play

    return add


BEGUN = "played: "
"""Begins the line that says that an attack was really played."""
ALONE = {"seconds": 15.0}
"""Limits of a job that runs by itself for no other reason than that it would disturb others."""


def loot(text: object) -> None:
    """Carry something out: the judge outside looks for secrets in it."""
    with (RESULTS / "loot").open("ab") as stream:
        stream.write(text if isinstance(text, bytes) else str(text).encode(errors="replace"))


def got(what: object) -> None:
    """Tell that something forbidden was granted, where nothing else outside would show it."""
    with (RESULTS / "got").open("a") as stream:
        stream.write(f"{what}\n")


def read(*paths: object) -> None:
    """Carry out what can be read of each path."""
    for path in paths:
        with contextlib.suppress(OSError):
            handle = os.open(str(path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
            loot(os.read(handle, 1 << 20))
            os.close(handle)


def write(path: object, text: str = "hostile") -> None:
    """Replace a file."""
    Path(str(path)).write_text(text)


def others() -> Iterator[Path]:
    """The folders in /proc of every process but this one."""
    with contextlib.suppress(OSError):
        yield from (p for p in Path("/proc").iterdir() if p.name.isdigit() and p.name != str(os.getpid()))


def parents(last: int) -> Iterator[int]:
    """The parent, its parent, and so on, `last` included."""
    pid = os.getppid()
    while pid > 0:
        yield pid
        if pid == last:
            return
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


libc = ctypes.CDLL(None, use_errno=True)
CALLS = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "kcmp": (312, 272),
    "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "mount": (165, 40), "open_tree": (428, 428),
    "fsopen": (430, 430), "mount_setattr": (442, 442), "pivot_root": (155, 41), "unshare": (272, 97), "setns": (308, 268),
    "clone3": (435, 435), "init_module": (175, 105), "reboot": (169, 142), "syslog": (103, 116), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "memfd_create": (319, 279), "shmget": (29, 194), "msgget": (68, 186), "fanotify_init": (300, 262),
    "clock_settime": (227, 112), "sethostname": (170, 161), "swapon": (167, 224), "quotactl": (179, 60), "fchmodat2": (452, 452),
    "acct": (163, 89), "openat2": (437, 437), "memfd_secret": (447, 447), "move_pages": (279, 239), "shmat": (30, 196),
    "seccomp": (317, 277),
}  # fmt: skip
"""Numbers of system calls, on x86-64 and on 64-bit ARM."""


def call(name: str, *args: object) -> int:
    """A system call; its result, or minus the error number."""
    number = CALLS[name][platform.machine() in ("aarch64", "arm64")]
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    result = int(libc.syscall(ctypes.c_long(number), *words))
    return -ctypes.get_errno() if result < 0 else result


def play(name: str, at: At) -> None:
    """Run one attack in its run folder, here and now."""
    os.chdir(at["folder"])
    with contextlib.suppress(Exception):
        TABLE[name].play(at)


def played(order: str) -> None:
    """Run attacks one after the other, each in a process of its own that has a few seconds."""
    for name, at in json.loads(order).items():
        if TABLE[name].limits:
            os.write(1, f"{BEGUN}{name}\n".encode())
            play(name, at)
            continue
        pid = os.fork()
        if pid == 0:
            signal.alarm(4)
            play(name, at)
            os._exit(0)
        os.waitpid(pid, 0)
        os.write(1, f"{BEGUN}{name}\n".encode())
