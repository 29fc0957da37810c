"""Runs in the sandbox, right before the job: sets limits, starts the job, reports how it ended.

    python -I -S limits.py ORDERS COMMAND...

ORDERS is JSON: `report` (an open descriptor), `parent` (pid that must be our parent, or 0), `uid` (to become, or -1),
`seconds`, `cpu`, `memory`, `address`, `file`, `open`, `processes`. One JSON line goes to `report`. The job cannot reach
that descriptor, and its peak memory is its own: it is a fork of this small process, not of the agent.
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

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
CAPABILITIES, CAPABILITY_VERSION_3 = 64, 0x20080522

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

    def stop(*_: object) -> None:
        late.append(True)
        os.kill(pid, signal.SIGKILL)

    began = time.monotonic()
    pid = start(orders, sys.argv[2:])
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, orders["seconds"])
    _, status, usage = os.wait4(pid, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    code = os.waitstatus_to_exitcode(status)
    account = {"exit": code, "late": bool(late), "seconds": time.monotonic() - began, "peak_kib": usage.ru_maxrss}
    os.write(orders["report"], json.dumps(account).encode() + b"\n")
    os._exit(code if code >= 0 else 128 - code)


main()
