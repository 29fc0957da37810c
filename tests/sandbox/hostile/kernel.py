"""Parts of the kernel that no probe needs and that have let many out: granted at all is too much."""

import errno
import fcntl
import os
import struct

from .attack import At, attack, call, got

REFUSED = {-errno.EPERM, -errno.ENOSYS, -errno.EACCES}


def answered(name: str, *args: object) -> None:
    """Tell when the kernel did more than refuse."""
    result = call(name, *args)
    if result not in REFUSED:
        got(f"{name} answers {result}")


@attack("kernel")
def io_uring(at: At) -> None:
    """Opens and sends past every filter of system calls."""
    answered("io_uring_setup", 4, bytes(120))


@attack("kernel")
def bpf(at: At) -> None:
    answered("bpf", 0, struct.pack("IIII", 2, 4, 8, 1) + bytes(112), 128)


@attack("kernel")
def perf_events(at: At) -> None:
    answered("perf_event_open", struct.pack("IIQ", 1, 112, 0) + bytes(96), 0, -1, -1, 0)


@attack("kernel")
def page_faults(at: At) -> None:
    answered("userfaultfd", 1)


@attack("kernel")
def file_watches(at: At) -> None:
    answered("fanotify_init", 0, 0)


@attack("kernel")
def modules(at: At) -> None:
    answered("init_module", bytes(8), 8, b"")


@attack("kernel")
def restart(at: At) -> None:
    """Asks only for the harmless part: what Ctrl-Alt-Del does."""
    answered("reboot", 0xFEE1DEAD - (1 << 32), 672274793, 0, None)


@attack("kernel")
def swap(at: At) -> None:
    answered("swapon", b"ledger.jsonl", 0)


@attack("kernel")
def accounting(at: At) -> None:
    answered("acct", b"/nothing/here")


@attack("kernel")
def compare_processes(at: At) -> None:
    answered("kcmp", os.getppid(), os.getpid(), 0, 0, 0)


@attack("kernel")
def move_pages(at: At) -> None:
    answered("move_pages", at["neighbour"], 0, None, None, None, 0)


@attack("kernel")
def secret_memory(at: At) -> None:
    answered("memfd_secret", 0)


@attack("kernel")
def message_queues(at: At) -> None:
    """Kernel memory that stays when the process is gone."""
    answered("msgget", 0, 0o1600)


@attack("kernel")
def future_calls(at: At) -> None:
    """A number that no kernel of today knows: what tomorrow's adds must not be open."""
    import ctypes

    from .attack import libc

    if libc.syscall(ctypes.c_long(1200)) >= 0 or ctypes.get_errno() != errno.ENOSYS:
        got("a system call of the future")


@attack("kernel")
def foreign_calls(at: At) -> None:
    """The same kernel by its second table of calls, which a filter for the first may have forgotten (x32)."""
    import ctypes
    import platform

    from .attack import libc

    if platform.machine() == "x86_64":
        result = libc.syscall(ctypes.c_long(0x40000000 + 39))
        if result > 0:
            got("the x32 table")


@attack("kernel")
def old_table(at: At) -> None:
    """The table of 32-bit programs by interrupt 0x80: getpid is 20 there."""
    import ctypes
    import mmap
    import platform

    if platform.machine() != "x86_64":
        return
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("53b814000000cd805bc3"))
    run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    if run() == os.getpid():
        got("the table of 32-bit programs")


@attack("terminal")
def typed_for_the_user(at: At) -> None:
    """Puts characters into the terminal's input, as if the user had typed them."""
    for path in ("/dev/tty", "/dev/console", "/dev/pts/0", "/dev/tty0"):
        try:
            handle = os.open(path, os.O_RDWR | os.O_NOCTTY)
        except OSError:
            continue
        got(f"the terminal {path}")
        fcntl.ioctl(handle, 0x5412, b" ")
