"""Runs before bubblewrap, as root: makes the caller's files appear as those of another user, in a mount namespace of its own.

    python -I -S owners.py ORDERS COMMAND...

ORDERS is JSON: `uid` (who the files shall seem to belong to) and `paths`. Files that the other user creates through such a
mount belong to the caller on disk, so nothing has to be given back afterwards, not even after a crash.
"""

import ctypes
import json
import os
import struct
import sys

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
SYS_OPEN_TREE, SYS_MOVE_MOUNT, SYS_MOUNT_SETATTR = 428, 429, 442
OPEN_TREE_CLONE, AT_EMPTY_PATH, MOVE_MOUNT_F_EMPTY_PATH, MOUNT_ATTR_IDMAP = 1, 0x1000, 4, 0x100000
AT_FDCWD = -100

_libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    """`result`, or the OSError that a negative one stands for."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def mapping(owner: int, group: int, uid: int) -> int:
    """Descriptor of a user namespace that maps the owner and group on disk to `uid`."""
    ready, tell_ready = os.pipe()
    leave, tell_leave = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(tell_leave)
        os.write(tell_ready, b"1" if _libc.unshare(CLONE_NEWUSER) == 0 else b"0")
        os.read(leave, 1)
        os._exit(0)
    try:
        if os.read(ready, 1) != b"1":
            raise OSError("no user namespace to describe the owners with")
        for name, inner in (("uid_map", owner), ("gid_map", group)):
            with open(f"/proc/{pid}/{name}", "w") as stream:  # noqa: PTH123 - pathlib doubles the start-up time
                stream.write(f"{inner} {uid} 1")
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
    finally:
        os.close(tell_leave)
        os.waitpid(pid, 0)


def main() -> None:
    """Map the paths, then become the command."""
    orders = json.loads(sys.argv[1])
    namespace = mapping(os.geteuid(), os.getegid(), orders["uid"])
    checked(_libc.unshare(CLONE_NEWNS))
    checked(_libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None))
    attributes = struct.pack("QQQQ", MOUNT_ATTR_IDMAP, 0, 0, namespace)
    trees = []
    for path in sorted(orders["paths"], key=len):  # all are opened first: a mapped mount cannot be mapped again
        tree = checked(_libc.syscall(SYS_OPEN_TREE, AT_FDCWD, os.fsencode(path), OPEN_TREE_CLONE | os.O_CLOEXEC))
        checked(_libc.syscall(SYS_MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH, attributes, ctypes.c_size_t(len(attributes))))
        trees.append((tree, path))
    for tree, path in trees:
        checked(_libc.syscall(SYS_MOVE_MOUNT, tree, b"", AT_FDCWD, os.fsencode(path), MOVE_MOUNT_F_EMPTY_PATH))
        os.close(tree)
    os.execv(sys.argv[2], sys.argv[2:])


try:
    main()
except OSError as refusal:
    sys.exit(f"owners: {refusal}")
