"""Signals to others, life after the job's end, silence of what watches over it."""

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from .attack import ALONE, At, attack, call, got, libc, others, parents


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
    os.kill(at["agent"], signal.SIGURG)


@attack("signals", limits=ALONE)
def signal_to_everybody(at: At) -> None:
    """SIGURG harms nobody, and the agent hears it as it would hear SIGKILL."""
    os.kill(-1, signal.SIGURG)


@attack("signals", limits=ALONE)
def signal_to_a_group(at: At) -> None:
    with contextlib.suppress(OSError):
        os.killpg(at["agent_group"], signal.SIGURG)
    for pid in others():
        with contextlib.suppress(OSError):
            os.kill(int(pid.name), signal.SIGURG)


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
    fcntl.fcntl(here, 10, signal.SIGURG)  # F_SETSIG
    fcntl.fcntl(here, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(there, b"x")


@attack("signals", limits={"seconds": 2.0}, most={"overtime": 15.0})
def warden_killed(at: At) -> None:
    """The process that reports on the job is its parent."""
    os.kill(os.getppid(), signal.SIGKILL)
    heartbeat()


@attack("signals", limits={"seconds": 2.0}, most={"overtime": 15.0})
def warden_stopped(at: At) -> None:
    """Who would end the job in time sleeps."""
    os.kill(os.getppid(), signal.SIGSTOP)
    heartbeat(60)


@attack("signals", limits={"seconds": 2.0}, most={"overtime": 15.0})
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
    """A good end reported on every descriptor that is open, here and in the parents up to the agent."""
    account = json.dumps({"exit": 77, "late": False, "seconds": 0.5, "peak_kib": 1}).encode() + b"\n"
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(number, account)
    for pid in parents(at["agent"]):
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
