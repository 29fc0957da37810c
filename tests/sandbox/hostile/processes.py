"""Signals to others, life after the job's end, silence of what watches over it, privileges."""

import contextlib
import ctypes
import json
import os
import resource
import signal
import stat
import subprocess
import time
from pathlib import Path

from .attack import ALONE, At, attack, call, got, libc, others


def heartbeat(seconds: float = 3.0) -> None:
    """What a process does that must not live on: it grows a file."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with Path("results/beat").open("a") as stream:
            stream.write("x")
        time.sleep(0.03)
    os._exit(0)


def begun() -> None:
    """Wait until the other process lives."""
    for _ in range(60):
        if Path("results/beat").exists():
            return
        time.sleep(0.01)


@attack("signals", limits=ALONE)
def signal_to_the_agent(at: At) -> None:
    os.kill(at["agent"], signal.SIGCONT)


@attack("signals", limits=ALONE)
def signal_to_everybody(at: At) -> None:
    """SIGCONT harms nobody, and the agent hears it as it would hear SIGKILL."""
    os.kill(-1, signal.SIGCONT)


@attack("signals", limits=ALONE)
def signal_to_a_group(at: At) -> None:
    with contextlib.suppress(OSError):
        os.killpg(at["agent_group"], signal.SIGCONT)
    for pid in others():
        with contextlib.suppress(OSError):
            os.kill(int(pid.name), signal.SIGCONT)


@attack("signals", limits=ALONE)
def signal_to_a_neighbour(at: At) -> None:
    os.kill(at["neighbour"], signal.SIGUSR1)


@attack("signals", limits=ALONE)
def signal_by_pidfd(at: At) -> None:
    handle = os.pidfd_open(at["neighbour"])
    signal.pidfd_send_signal(handle, signal.SIGUSR1)


@attack("signals", limits=ALONE)
def signal_by_file_owner(at: At) -> None:
    """F_SETOWN lets the kernel send a signal in the job's name."""
    import fcntl

    here, there = os.pipe()
    fcntl.fcntl(here, fcntl.F_SETOWN, at["agent"])
    fcntl.fcntl(here, 10, signal.SIGCONT)  # F_SETSIG
    fcntl.fcntl(here, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(there, b"x")


@attack("signals", limits={"seconds": 1.0}, most={"seconds": 6.0})
def warden_killed(at: At) -> None:
    """The process that reports on the job is its parent."""
    os.kill(os.getppid(), signal.SIGKILL)
    heartbeat()


@attack("signals", limits={"seconds": 1.0}, most={"seconds": 6.0})
def warden_stopped(at: At) -> None:
    """Who would end the job in time sleeps."""
    os.kill(os.getppid(), signal.SIGSTOP)
    heartbeat(60)


@attack("signals", limits={"seconds": 1.0}, most={"seconds": 6.0})
def everybody_killed_but_a_child(at: At) -> None:
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 32):
            with contextlib.suppress(OSError):
                signal.signal(number, signal.SIG_IGN)
        heartbeat(5)
    begun()
    os.kill(os.getppid(), signal.SIGSTOP)
    os._exit(0)


@attack("signals", limits=ALONE)
def account_forged(at: At) -> None:
    """A good end reported on every descriptor that is open, here and in the parents."""
    account = json.dumps({"exit": 77, "late": False, "seconds": 0.5, "peak_kib": 1}).encode() + b"\n"
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(number, account)
    for pid in (os.getppid(), *(int(p.name) for p in others())):
        for number in range(3, 32):
            with contextlib.suppress(OSError):
                os.write(os.open(f"/proc/{pid}/fd/{number}", os.O_WRONLY), account)
            pidfd = call("pidfd_open", pid, 0)
            with contextlib.suppress(OSError):
                os.write(call("pidfd_getfd", pidfd, number, 0), account)
    os._exit(5)


@attack("ptrace")
def trace_the_parent(at: At) -> None:
    for pid in (os.getppid(), 1):
        if libc.ptrace(0x4206, pid, None, None) == 0:
            got(f"tracing {pid}")


@attack("ptrace")
def trace_the_agent(at: At) -> None:
    for pid in (at["agent"], at["neighbour"]):
        if libc.ptrace(0x4206, pid, None, None) == 0:
            got(f"tracing {pid}")


@attack("ptrace")
def trace_a_child(at: At) -> None:
    """No harm by itself; the call's own faults were the way into many kernels."""
    pid = os.fork()
    if pid == 0:
        time.sleep(1)
        os._exit(0)
    if libc.ptrace(0x4206, pid, None, None) == 0:
        got("ptrace")
    os.kill(pid, signal.SIGKILL)


@attack("daemons", limits=ALONE)
def daemon_twice_forked(at: At) -> None:
    if os.fork():
        begun()
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    heartbeat()


@attack("daemons", limits=ALONE)
def daemon_deaf_to_signals(at: At) -> None:
    if os.fork():
        begun()
        os._exit(0)
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    libc.prctl(1, 0, 0, 0, 0)
    os.setsid()
    os.closerange(0, 256)
    heartbeat()


@attack("daemons", limits=ALONE)
def daemon_in_a_group_of_its_own(at: At) -> None:
    subprocess.Popen(
        [
            "sh",
            "-c",
            "trap '' HUP TERM INT; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo x >> results/beat; sleep 0.1; done",
        ],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    begun()


@attack("daemons", limits=ALONE)
def daemon_thread_after_exec(at: At) -> None:
    """Many generations, each gone before it can be counted."""
    if os.fork():
        begun()
        os._exit(0)
    for _ in range(40):
        if os.fork():
            os._exit(0)
        os.setsid()
    heartbeat()


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
        if name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd") and int(value, 16):
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
