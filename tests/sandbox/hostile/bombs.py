"""Using up what others need: processes, memory, time, disk, descriptors, the agent's attention."""

import contextlib
import ctypes
import mmap
import os
import signal
import sys
import threading
import time
from pathlib import Path

from .attack import At, attack, call, got, libc

MB = 1 << 20
SMALL = {"seconds": 15.0, "memory_mb": 64}


def touched(megabytes: int) -> bytearray:
    """Memory that is really there."""
    return bytearray(b"x") * (megabytes * MB)


@attack("processes bomb", limits={"seconds": 15.0, "processes": 30}, most={"processes": 45})
def fork_bomb(at: At) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                time.sleep(1)
                os._exit(0)
    time.sleep(0.6)


@attack("processes bomb", limits={"seconds": 15.0, "processes": 30}, most={"processes": 45})
def fork_bomb_in_sessions(at: At) -> None:
    """Each in a session of its own, with its parent gone."""
    for _ in range(120):
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(1)
                os._exit(0)
    time.sleep(0.6)


@attack("processes bomb", limits={"seconds": 15.0, "processes": 30, "memory_mb": 512}, most={"processes": 45})
def thread_bomb(at: At) -> None:
    threading.stack_size(65536)
    for _ in range(120):
        with contextlib.suppress(RuntimeError):
            threading.Thread(target=time.sleep, args=(0.8,), daemon=True).start()
    time.sleep(0.5)
    os._exit(0)


@attack("memory bomb", limits=SMALL, most={"rss_mb": 150})
def memory_of_one(at: At) -> None:
    kept = []
    with contextlib.suppress(MemoryError):
        for _ in range(400):
            kept.append(touched(1))
    time.sleep(0.3)


@attack("memory bomb", limits=SMALL, most={"rss_mb": 1300})
def memory_of_many(at: At) -> None:
    """Each process stays below its own limit."""
    for _ in range(45):
        time.sleep(0.06)
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                kept = touched(44)
                time.sleep(6)
                os._exit(len(kept) & 1)
    time.sleep(0.6)


@attack("memory bomb", limits=SMALL, most={"rss_mb": 1000})
def memory_shared(at: At) -> None:
    """Shared mappings are nobody's private memory."""
    for _ in range(8):
        time.sleep(0.25)
        if os.fork() == 0:
            with contextlib.suppress(OSError, MemoryError):
                kept = mmap.mmap(-1, 150 * MB)
                for place in range(0, 150 * MB, 4096):
                    kept[place] = 1
            time.sleep(6)
            os._exit(0)
    time.sleep(0.8)


@attack("memory bomb", limits=SMALL)
def memory_by_memfd(at: At) -> None:
    """Files that no folder shows and no limit of a process counts."""
    written = 0
    for _ in range(3):
        handle = call("memfd_create", b"x", 0)
        if handle >= 0:
            for _ in range(100):
                written += os.write(handle, bytes(MB))
    if written > 128 * MB:
        got(f"{written >> 20} MB in memory files")


@attack("memory bomb", limits=SMALL)
def memory_by_segments(at: At) -> None:
    """System V segments stay when nobody is attached."""
    libc.shmat.restype = ctypes.c_void_p
    libc.shmdt.argtypes = [ctypes.c_void_p]
    touched_mb = 0
    for _ in range(6):
        segment = call("shmget", 0, 50 * MB, 0o1600)
        if segment >= 0:
            address = libc.shmat(segment, None, 0)
            if address not in (None, ctypes.c_void_p(-1).value):
                ctypes.memset(address, 1, 50 * MB)
                libc.shmdt(address)
                touched_mb += 50
            libc.shmctl(segment, 0, None)
    if touched_mb > 128:
        got(f"{touched_mb} MB in segments")


@attack("memory bomb", limits=SMALL)
def memory_in_tmp(at: At) -> None:
    """/tmp and /dev/shm are memory, too."""
    for place in ("/tmp", "/dev/shm"):
        written, name = 0, Path(place) / f"{at['unique']}-fill"
        with contextlib.suppress(OSError), name.open("wb") as stream:
            for _ in range(200):
                written += stream.write(bytes(MB))
        with contextlib.suppress(OSError):
            name.unlink()
        if written > 128 * MB:
            got(f"{written >> 20} MB in {place}")


@attack("memory bomb", limits=SMALL)
def memory_locked(at: At) -> None:
    kept = mmap.mmap(-1, 64 * MB)
    address = ctypes.addressof(ctypes.c_char.from_buffer(kept))
    if libc.mlock(ctypes.c_void_p(address), 48 * MB) == 0:
        got("48 MB that cannot be swapped")


@attack("time bomb", limits={"seconds": 2.0}, most={"overtime": 15.0})
def cpu_bomb(at: At) -> None:
    for _ in range(2):
        if os.fork() == 0:
            break
    while True:
        pass


@attack("time bomb", limits={"seconds": 2.0}, most={"overtime": 15.0})
def deaf_to_signals(at: At) -> None:
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        time.sleep(1)


@attack("time bomb", limits={"seconds": 2.0}, most={"overtime": 15.0})
def pipes_held_open(at: At) -> None:
    """A child in another session keeps the job's outputs open."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(20)
    os._exit(0)


@attack("time bomb", limits={"seconds": 2.0}, most={"overtime": 15.0})
def frozen(at: At) -> None:
    os.kill(0, signal.SIGSTOP)


@attack("disk bomb", limits={"seconds": 15.0}, most={"disk_mb": 520})
def one_large_file(at: At) -> None:
    handle = os.open("results/big", os.O_CREAT | os.O_RDWR)
    os.posix_fallocate(handle, 0, 700 * MB)


@attack("disk bomb", limits={"seconds": 15.0, "disk_mb": 64}, most={"disk_mb": 300})
def many_large_files(at: At) -> None:
    for number in range(60):
        with open(f"results/fill-{number}", "wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, 8 * MB)
        time.sleep(0.02)


@attack("disk bomb", limits={"seconds": 15.0, "disk_mb": 64}, most={"disk_mb": 300})
def deleted_files_held_open(at: At) -> None:
    kept = []
    for number in range(60):
        stream = open(f"results/fill-{number}", "wb")
        os.posix_fallocate(stream.fileno(), 0, 8 * MB)
        os.unlink(f"results/fill-{number}")
        kept.append(stream)
        Path("results/held").write_text(str(8 * len(kept)))
        time.sleep(0.02)
    time.sleep(0.5)


@attack("disk bomb", limits={"seconds": 15.0, "files": 1000}, most={"files": 12000})
def many_small_files(at: At) -> None:
    for number in range(20000):
        os.close(os.open(f"results/{number}", os.O_CREAT | os.O_WRONLY))


@attack("descriptors", limits={"seconds": 15.0})
def open_file_bomb(at: At) -> None:
    kept = []
    with contextlib.suppress(OSError):
        for _ in range(20000):
            kept.append(os.open("ledger.jsonl", os.O_RDONLY))
    for handle in kept:
        os.close(handle)
    if len(kept) > 4096:
        got(f"{len(kept)} open files")


@attack("output bomb", limits={"seconds": 15.0, "output_kib": 64}, most={"kept_kib": 132})
def output_bomb(at: At) -> None:
    for _ in range(3000):
        sys.stdout.write("x" * 9999 + "\n")


@attack("output bomb", limits={"seconds": 15.0, "output_kib": 64}, most={"kept_kib": 132})
def error_bomb(at: At) -> None:
    for _ in range(3000):
        sys.stderr.write("x" * 9999 + "\n")


@attack("output bomb", limits={"seconds": 15.0, "output_kib": 64}, most={"kept_kib": 132})
def endless_line(at: At) -> None:
    for _ in range(300):
        sys.stdout.write("x" * 99999)


@attack("output bomb", limits={"seconds": 2.0, "output_kib": 64}, most={"overtime": 15.0})
def lines_without_end(at: At) -> None:
    """More lines than a listener can take."""
    while True:
        os.write(1, b"\n" * 65536)
