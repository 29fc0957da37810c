"""Becoming somebody else: set-uid programs found and made, capabilities, limits, priorities, the machine's name and time."""

import contextlib
import ctypes
import os
import resource
import stat
import subprocess
import time
from pathlib import Path

from .attack import At, attack, call, got


@attack("privileges")
def set_uid_programs(at: At) -> None:
    """Starts programs that become root, and looks whether they did."""
    for name in ("su", "passwd", "mount", "sudo", "newgrp", "chsh", "gpasswd"):
        with contextlib.suppress(OSError):
            program = subprocess.Popen([f"/usr/bin/{name}"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.02)
            status = Path(f"/proc/{program.pid}/status").read_text()
            ids = next(line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
            program.kill()
            program.wait()
            if ids[0] != ids[1]:
                got(f"{name} runs as {ids[1]}")


@attack("privileges")
def set_uid_own(at: At) -> None:
    for uid in (0, 1, 65533):
        with contextlib.suppress(OSError):
            if uid != os.getuid():
                os.setresuid(uid, uid, uid)
                got(f"became {uid}")


@attack("privileges")
def capabilities(at: At) -> None:
    """Whatever privileges this process has or may still get."""
    status = Path("/proc/self/status").read_text()
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name in ("CapInh", "CapPrm", "CapEff", "CapAmb") and int(value, 16):
            got(line)
        if name == "NoNewPrivs" and value.strip() != "1":
            got(line)


@attack("privileges")
def limits_raised(at: At) -> None:
    for which in (
        resource.RLIMIT_AS,
        resource.RLIMIT_DATA,
        resource.RLIMIT_NPROC,
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_CPU,
    ):
        _, hard = resource.getrlimit(which)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (hard + 1, hard + 1))
            got(f"limit {which} is higher")


@attack("privileges")
def limits_of_others(at: At) -> None:
    for pid in (os.getppid(), at["agent"], at["neighbour"]):
        with contextlib.suppress(OSError):
            before = resource.prlimit(pid, resource.RLIMIT_CORE)
            if pid != os.getppid():
                resource.prlimit(pid, resource.RLIMIT_CORE, before)
                got(f"limits of {pid}")


@attack("privileges")
def real_time(at: At) -> None:
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        got("real-time priority")
    with contextlib.suppress(OSError):
        before = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, before - 1)
        got("a better priority")


@attack("privileges")
def own_name_and_time(at: At) -> None:
    if call("sethostname", b"hostile", 7) == 0:
        got("the machine's name")
    if call("clock_settime", 0, bytes(16)) == 0:
        got("the clock")


@attack("privileges")
def set_uid_by_mode(at: At) -> None:
    program = Path("results/sh")
    program.write_bytes(Path("/bin/sh").read_bytes())
    program.chmod(0o6755)


@attack("privileges")
def set_uid_by_open(at: At) -> None:
    handle = os.open("results/opened", os.O_CREAT | os.O_WRONLY, 0o6755)
    os.write(handle, b"#!/bin/sh\n")
    os.close(handle)


@attack("privileges")
def set_uid_by_other_calls(at: At) -> None:
    program = Path("results/other")
    program.write_text("#!/bin/sh\n")
    call("fchmodat2", -100, b"results/other", 0o4755, 0)
    with program.open() as stream:
        os.fchmod(stream.fileno(), 0o4755)
    with contextlib.suppress(OSError):
        os.mknod("results/node", stat.S_IFREG | 0o4755)
    buffer = ctypes.create_string_buffer(24)
    ctypes.memmove(buffer, (0o100 | 1).to_bytes(8, "little") + (0o4755).to_bytes(8, "little") + bytes(8), 24)
    call("openat2", -100, b"results/opened", buffer, 24)


@attack("privileges")
def file_capabilities(at: At) -> None:
    program = Path("results/capable")
    program.write_bytes(Path("/bin/sh").read_bytes())
    os.setxattr(program, "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
    got("a file with capabilities")
