"""Runs before the job's limits are set: restricts this process and all it will start by Landlock, then becomes the command.

    python -I -S landlock.py ORDERS COMMAND...

ORDERS is JSON: `read`, `write` and `list` (paths) and `network` (true: take a network namespace of its own, with a loopback
interface only; false: forbid TCP where this Landlock can). Without a command it only prints the ABI version.
"""

import ctypes
import fcntl
import json
import os
import socket
import stat
import struct
import sys

SYS_CREATE_RULESET, SYS_ADD_RULE, SYS_RESTRICT_SELF = 444, 445, 446
CREATE_RULESET_VERSION, RULE_PATH_BENEATH, PR_SET_NO_NEW_PRIVS = 1, 1, 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FIRST_ABI = (1 << 13) - 1
READ = EXECUTE | READ_FILE | READ_DIR
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
TCP_BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41

_libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """`result`, or the OSError that a negative one stands for."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def abi() -> int:
    """Version of Landlock in this kernel."""
    return checked(_libc.syscall(SYS_CREATE_RULESET, None, ctypes.c_size_t(0), CREATE_RULESET_VERSION), "this kernel has no Landlock")


def write(path: str, text: str) -> None:
    """Write a short text into a file of /proc."""
    with open(path, "w") as stream:  # noqa: PTH123 - pathlib doubles the start-up time
        stream.write(text)


def own_network() -> None:
    """Move into a network namespace that has nothing but a loopback interface."""
    uid, gid = os.geteuid(), os.getegid()
    rootless = CLONE_NEWUSER if uid else 0
    checked(_libc.unshare(rootless | CLONE_NEWNET | CLONE_NEWIPC), "no network namespace")
    if rootless:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{uid} {uid} 1")
        write("/proc/self/gid_map", f"{gid} {gid} 1")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP_RUNNING))


def allow(ruleset: int, path: str, rights: int) -> None:
    """Add one path to the ruleset; one that does not exist grants nothing."""
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(handle).st_mode):
        rights &= ON_FILES
    rule = struct.pack("=Qi", rights, handle)
    checked(_libc.syscall(SYS_ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0), path)
    os.close(handle)


def restrict(read: list[str], change: list[str], names: list[str], tcp: bool) -> None:
    """Forbid all file access but these, for this process and its children."""
    version = abi()
    every = FIRST_ABI | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0) | (IOCTL_DEV if version >= 5 else 0)
    network = 0 if tcp else TCP_BIND_AND_CONNECT
    attributes = struct.pack("QQQ", every, network, ABSTRACT_SOCKETS_AND_SIGNALS)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = checked(_libc.syscall(SYS_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0), "no ruleset")
    for path in read:
        allow(ruleset, path, READ)
    for path in change:
        allow(ruleset, path, every)
    for path in names:
        allow(ruleset, path, READ_DIR)
    checked(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    checked(_libc.syscall(SYS_RESTRICT_SELF, ruleset, 0), "cannot restrict")
    os.close(ruleset)


def main() -> None:
    """Restrict this process, then become the command."""
    if len(sys.argv) == 1:
        sys.stdout.write(f"{abi()}\n")
        return
    orders = json.loads(sys.argv[1])
    if orders["network"]:
        own_network()
    restrict(orders["read"], orders["write"], orders["list"], tcp=orders["network"])
    os.execv(sys.argv[2], sys.argv[2:])


try:
    main()
except OSError as refusal:
    sys.exit(f"landlock: {refusal}")
