"""Runs in the sandbox, right before the job: sets limits, starts the job, reports how it ended.

    python -I -S limits.py ORDERS COMMAND...

ORDERS is JSON: `report` (an open descriptor), `parent` (pid that must be our parent, or 0), `uid` (to become, or -1),
`seconds`, `cpu`, `memory`, `address`, `file`, `open`, `processes`, `together` (bytes that all processes of this namespace may use,
or 0), `filter` (program of a filter of system calls, hexadecimal). Two JSON lines go to `report`: it has begun, how it ended. The job
cannot reach that descriptor, and its peak memory is its own: it is a fork of this small process, not of the agent.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys
import time
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
SECCOMP_MODE_FILTER = 2
CAPABILITIES, CAPABILITY_VERSION_3 = 64, 0x20080522
LOOK_SECONDS = 0.05
PAGE = resource.getpagesize()

_libc = ctypes.CDLL(None, use_errno=True)


def confine(orders: dict[str, Any]) -> None:
    """Give up identity and privileges for good, and die with the parent."""
    for capability in range(CAPABILITIES):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    if orders["uid"] >= 0:
        os.setgroups([])
        os.setresgid(orders["uid"], orders["uid"], orders["uid"])
        os.setresuid(orders["uid"], orders["uid"], orders["uid"])
    _libc.capset(struct.pack("Ii", CAPABILITY_VERSION_3, 0), bytes(24))
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # the job must not trace the process that reports on it
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if orders["parent"] and os.getppid() != orders["parent"]:
        os._exit(1)


def threads_of_user() -> int:
    """How many threads this user has already: RLIMIT_NPROC counts them too."""
    total = 0
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():  # noqa: PTH208, PTH112 - pathlib doubles the start-up time
        try:
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == os.getuid():  # noqa: PTH116
                total += len(os.listdir(f"/proc/{name}/task"))  # noqa: PTH208
        except OSError:
            continue  # it ended while we counted
    return total


def limit(which: int, value: int) -> None:
    """Lower one limit, soft and hard, as far as the present hard limit goes."""
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def filter_calls(program: bytes) -> None:
    """Let the kernel refuse system calls, to this process and all it will start."""
    steps = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    if program and _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head, 0, 0):
        raise OSError(ctypes.get_errno(), "no filter of system calls")


def memory_of(pid: str, exactly: bool) -> int:
    """Bytes that a process uses: its share of what it shares, or quickly, and then too much, all of it."""
    try:
        if exactly:
            with open(f"/proc/{pid}/smaps_rollup") as stream:  # noqa: PTH123 - pathlib doubles the start-up time
                return next(int(line.split()[1]) << 10 for line in stream if line.startswith("Pss:"))
    except (OSError, StopIteration):
        pass  # it has ended, or does not let itself be looked at: count all of it
    try:
        with open(f"/proc/{pid}/statm") as stream:  # noqa: PTH123
            return int(stream.read().split()[1]) * PAGE
    except OSError:
        return 0


def too_much(bound: int) -> bool:
    """Whether all processes of this namespace together use more than `bound` bytes; 0 is no bound."""
    if not bound:
        return False
    others = [name for name in os.listdir("/proc") if name.isdigit() and name != str(os.getpid())]  # noqa: PTH208
    return all(passes(bound, others, exactly) for exactly in (False, True))


def passes(bound: int, names: list[str], exactly: bool) -> bool:
    """Whether these processes use more than `bound` bytes; no more of them are looked at than it takes."""
    total = 0
    for name in names:
        total += memory_of(name, exactly)
        if total > bound:
            return True
    return False


def start(orders: dict[str, Any], command: list[str]) -> int:
    """Fork the job; returns its pid."""
    processes = orders["processes"] + threads_of_user()
    warden = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != warden:
            os._exit(1)
        limit(resource.RLIMIT_CORE, 0)
        limit(resource.RLIMIT_CPU, orders["cpu"])
        limit(resource.RLIMIT_FSIZE, orders["file"])
        limit(resource.RLIMIT_NOFILE, orders["open"])
        limit(resource.RLIMIT_NPROC, processes)
        limit(resource.RLIMIT_DATA, orders["memory"])
        limit(resource.RLIMIT_AS, orders["address"])
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores these two and would hand that on
        filter_calls(bytes.fromhex(orders["filter"]))
        os.execv(command[0], command)
    except BaseException as error:
        os.write(orders["report"], json.dumps({"error": f"{command[0]}: {error}"}).encode() + b"\n")
    os._exit(127)


def main() -> None:
    """Run the command and report on it."""
    orders = json.loads(sys.argv[1])
    os.set_inheritable(orders["report"], False)
    confine(orders)
    late: list[bool] = []
    began = time.monotonic()
    pid = start(orders, sys.argv[2:])
    os.write(orders["report"], b'{"begun": true}\n')

    def look(*_: object) -> None:
        if time.monotonic() - began >= orders["seconds"]:
            late.append(True)
        elif too_much(orders["together"]):
            os.write(2, b"\nkilled: all its processes together used more than %d MB\n" % (orders["together"] >> 20))
        else:
            signal.setitimer(signal.ITIMER_REAL, min(LOOK_SECONDS, max(0.001, began + orders["seconds"] - time.monotonic())))
            return
        os.kill(pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, min(LOOK_SECONDS, orders["seconds"]))
    _, status, usage = os.wait4(pid, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    code = os.waitstatus_to_exitcode(status)
    account = {"exit": code, "late": bool(late), "seconds": time.monotonic() - began, "peak_kib": usage.ru_maxrss}
    os.write(orders["report"], json.dumps(account).encode() + b"\n")
    os._exit(code if code >= 0 else 128 - code)


main()
