"""A filter of system calls, as a program for the kernel: refuses what no probe needs and what many broke out by."""

import platform
import struct
from pathlib import Path

PERMISSION, NO_CALL, NO_FAMILY = 1, 38, 97
"""Error numbers: EPERM; ENOSYS, after which the C library takes another way; EAFNOSUPPORT."""
COLUMNS = {"x86_64": 0, "aarch64": 1, "arm64": 1}
ARCHITECTURES = (0xC000003E, 0xC00000B7)
LAST = 466
"""Newest call that was looked at; those of later kernels do not exist inside."""
OTHER_TABLE = 0x40000000
"""Bit of the calls of x32."""

REFUSED: dict[str, tuple[int, int]] = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440), "move_pages": (279, 239), "migrate_pages": (256, 238),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "statmount": (457, 457), "listmount": (458, 458),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262), "fanotify_mark": (301, 263),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "lookup_dcookie": (212, 18),
    # stores that outlive a process or that no limit counts
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "shmget": (29, 194), "msgget": (68, 186),
    # large and rarely used parts
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "memfd_secret": (447, 447), "mbind": (237, 235),
    "set_mempolicy": (238, 237), "nfsservctl": (180, 42), "vhangup": (153, 58),
    # the machine itself
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "sethostname": (170, 161),
    "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "acct": (163, 89), "syslog": (103, 116),
    # of one architecture
    "iopl": (172, -1), "ioperm": (173, -1), "modify_ldt": (154, -1), "uselib": (134, -1), "ustat": (136, -1), "sysfs": (139, -1),
    "_sysctl": (156, -1), "create_module": (174, -1), "get_kernel_syms": (177, -1), "query_module": (178, -1),
}  # fmt: skip
"""Calls that fail with EPERM, and their numbers on x86-64 and 64-bit ARM."""

ABSENT: dict[str, tuple[int, int]] = {
    "clone3": (435, 435), "openat2": (437, 437),  # their arguments are in memory, where no filter sees them
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),  # these go round every filter
    "memfd_create": (319, 279),  # memory that no limit counts
}  # fmt: skip
"""Calls that do not exist inside."""

NEW_NAMESPACES = 0x7E020000
CREATES = 0o100 | 0o20000000
SET_ID = 0o6000
MODES: dict[str, tuple[int, int, int, int | None]] = {
    "open": (2, -1, 2, 1), "openat": (257, 56, 3, 2), "creat": (85, -1, 1, None),
    "mknod": (133, -1, 1, None), "mknodat": (259, 33, 2, None),
    "mkdir": (83, -1, 1, None), "mkdirat": (258, 34, 2, None), "chmod": (90, -1, 1, None), "fchmod": (91, 52, 1, None),
    "fchmodat": (268, 53, 2, None), "fchmodat2": (452, 452, 2, None),
}  # fmt: skip
"""Calls that can make a set-uid file: numbers, which argument is the mode, which one the flags that say whether the mode counts."""
FAMILIES = (1, 2, 10)
"""Unix, IPv4 and IPv6: what namespaces confine."""
TYPING = (0x5412, 0x541C)
"""ioctl requests that put characters into a terminal's input."""

LOAD, EQUAL, AT_LEAST, ABOVE, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x25, 0x45, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16

Step = tuple[int, int, int, int]
"""Code, how far to jump when true, how far when false, operand."""


def fail(error: int) -> Step:
    """The call fails with this error number."""
    return (RETURN, 0, 0, FAIL | error)


def argument(index: int) -> Step:
    """Load the lower half of an argument."""
    return (LOAD, 0, 0, ARGUMENTS + 8 * index)


def only_for(number: int, body: list[Step]) -> list[Step]:
    """What is done for one call; a body that does not fail the call allows it."""
    return [(EQUAL, 0, len(body) + 1, number), *body, (RETURN, 0, 0, ALLOW)] if number >= 0 else []


def any_bit(index: int, bits: int) -> list[Step]:
    """Fail when one of the bits is set in the argument."""
    return [argument(index), (ANY_BIT, 0, 1, bits), fail(PERMISSION)]


def modes(number: int, mode: int, flags: int | None) -> list[Step]:
    """Fail when a set-uid or set-gid mode is given."""
    refuse = any_bit(mode, SET_ID)
    return only_for(number, refuse if flags is None else [argument(flags), (ANY_BIT, 0, len(refuse), CREATES), *refuse])


def one_of(index: int, values: tuple[int, ...], error: int) -> list[Step]:
    """Fail when the argument is one of the values."""
    return [argument(index), *(step for value in values for step in ((EQUAL, 0, 1, value), fail(error)))]


def none_of(index: int, values: tuple[int, ...], error: int) -> list[Step]:
    """Fail when the argument is none of the values."""
    return [argument(index), *((EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)), fail(error)]


def steps(column: int) -> list[Step]:
    """The whole program for one architecture."""
    made: list[Step] = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, ARCHITECTURES[column]), fail(NO_CALL), (LOAD, 0, 0, NUMBER)]
    made += [(AT_LEAST, 0, 1, OTHER_TABLE), fail(NO_CALL), (ABOVE, 0, 1, LAST), fail(NO_CALL)]
    for x86, arm, mode, flags in MODES.values():
        made += modes((x86, arm)[column], mode, flags)
    made += only_for((56, 220)[column], any_bit(0, NEW_NAMESPACES))
    made += only_for((41, 198)[column], none_of(0, FAMILIES, NO_FAMILY))
    made += only_for((16, 29)[column], one_of(1, TYPING, PERMISSION))
    made += only_for((135, 92)[column], none_of(0, (0, 0xFFFFFFFF), PERMISSION))  # personality
    for calls, error in ((REFUSED, PERMISSION), (ABSENT, NO_CALL)):
        for numbers in calls.values():
            if numbers[column] >= 0:
                made += [(EQUAL, 0, 1, numbers[column]), fail(error)]
    return [*made, (RETURN, 0, 0, ALLOW)]


def program() -> bytes:
    """The filter for this machine; empty where there is none: another architecture, or a kernel without filters."""
    column = COLUMNS.get(platform.machine())
    if column is None or not Path("/proc/sys/kernel/seccomp/actions_avail").exists():
        return b""
    return b"".join(struct.pack("HBBI", *step) for step in steps(column))
