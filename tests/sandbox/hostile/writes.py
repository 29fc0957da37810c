"""Changing what was not granted: by path, by link, by mount, in the run folder's own memory."""

import contextlib
import os
import shutil
from pathlib import Path

from .attack import At, attack, call, got, write

BIND, REMOUNT, REC, PRIVATE = 4096, 32, 16384, 1 << 18


@attack("writes")
def write_absolute(at: At) -> None:
    write(at["victim"])


@attack("writes")
def write_by_dots(at: At) -> None:
    write("../" * 30 + at["victim"].lstrip("/"))


@attack("writes")
def write_by_link(at: At) -> None:
    Path("results/link").symlink_to(at["victim"])
    write("results/link")


@attack("writes")
def write_by_linked_folder(at: At) -> None:
    Path("results/folder").symlink_to(Path(at["drop"]).parent)
    write(f"results/folder/{Path(at['drop']).name}")


@attack("writes")
def write_by_hard_link(at: At) -> None:
    os.link(at["victim"], "results/hard")
    write("results/hard")


@attack("writes")
def write_by_descriptor(at: At) -> None:
    """A descriptor that was opened to read, opened again to write."""
    handle = os.open("ledger.jsonl", os.O_RDONLY)
    write(f"/proc/self/fd/{handle}")


@attack("writes")
def drop_a_file(at: At) -> None:
    write(at["drop"])


@attack("writes")
def drop_in_tmp(at: At) -> None:
    for path in at["tmp_drops"]:
        with contextlib.suppress(OSError):
            write(path)


@attack("writes")
def delete_outside(at: At) -> None:
    Path(at["victim"]).unlink()


@attack("writes")
def truncate_outside(at: At) -> None:
    os.truncate(at["victim"], 0)


@attack("writes")
def rename_outside(at: At) -> None:
    Path(at["victim"]).rename("results/victim")


@attack("writes")
def times_and_mode_outside(at: At) -> None:
    with contextlib.suppress(OSError):
        os.utime(at["victim"], (1, 1))
    Path(at["victim"]).chmod(0o600)


@attack("ledger")
def ledger_append(at: At) -> None:
    with Path("ledger.jsonl").open("a") as stream:
        stream.write('{"hostile": true}\n')


@attack("ledger")
def ledger_delete(at: At) -> None:
    Path("ledger.jsonl").unlink()


@attack("ledger")
def ledger_truncate(at: At) -> None:
    os.truncate("ledger.jsonl", 0)


@attack("ledger")
def ledger_replace(at: At) -> None:
    write("results/other.jsonl")
    Path("results/other.jsonl").replace("ledger.jsonl")


@attack("ledger")
def ledger_made_writable(at: At) -> None:
    with contextlib.suppress(OSError):
        Path("ledger.jsonl").chmod(0o666)
    write("ledger.jsonl")


@attack("ledger")
def run_folder_renamed(at: At) -> None:
    folder = Path(at["folder"])
    folder.rename(folder.with_name(folder.name + "-gone"))


@attack("ledger")
def results_folder_swapped(at: At) -> None:
    with contextlib.suppress(OSError):
        Path("results").rename("results-old")
    Path("results").symlink_to(Path(at["drop"]).parent)


@attack("ledger")
def markers_forged(at: At) -> None:
    write("calls/forged.json", '{"ok": true}')


@attack("ledger")
def findings_forged(at: At) -> None:
    write("findings/BUG-999.json", '{"status": "confirmed"}')


@attack("ledger")
def own_script_changed(at: At) -> None:
    write("pipelines/own.py", "print('hostile code ran')")


@attack("ledger")
def whole_run_deleted(at: At) -> None:
    for name in ("ledger.jsonl", "calls", "findings", "pipelines"):
        path = Path(name)
        with contextlib.suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@attack("mounts")
def bind_over_granted(at: At) -> None:
    """Makes the outer folder visible by mounting it again."""
    os.mkdir("results/mount")
    call("mount", os.path.dirname(at["victim"]).encode(), b"results/mount", None, BIND, None)
    write(f"results/mount/{os.path.basename(at['victim'])}")


@attack("mounts")
def remount_writable(at: At) -> None:
    for place in (at["folder"], at["mine"], "/", "/usr"):
        if call("mount", b"none", place.encode(), None, REMOUNT | BIND, None) == 0:
            got(f"{place} mounted anew")
    write("ledger.jsonl")


@attack("mounts")
def user_namespace_remount(at: At) -> None:
    uid, gid = os.getuid(), os.getgid()
    if call("unshare", 0x10020000):
        return
    got("a user namespace of its own")
    with contextlib.suppress(OSError):
        write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"0 {uid} 1")
    write("/proc/self/gid_map", f"0 {gid} 1")
    call("mount", b"none", b"/", None, REC | PRIVATE, None)
    call("mount", b"none", at["mine"].encode(), None, REMOUNT | BIND, None)
    write("ledger.jsonl")


@attack("mounts")
def user_namespace_by_clone(at: At) -> None:
    """clone3 keeps its flags in memory, where a filter cannot see them."""
    import struct

    pid = call("clone3", struct.pack("8Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
        got("a process in a user namespace of its own")


@attack("mounts")
def new_mount_calls(at: At) -> None:
    if call("open_tree", -100, b"/", 1) >= 0:
        got("a copy of the mounts")
    if call("fsopen", b"tmpfs", 0) >= 0:
        got("a file system")
    if call("mount_setattr", -100, at["mine"].encode(), 0, bytes(32), 32) == 0:
        got("attributes of a mount")


@attack("mounts")
def other_namespaces(at: At) -> None:
    for pid in (1, os.getppid(), at["agent"], at["neighbour"]):
        for kind in ("mnt", "net", "user", "pid", "ipc"):
            with contextlib.suppress(OSError):
                handle = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
                same = os.stat(f"/proc/{pid}/ns/{kind}").st_ino == os.stat(f"/proc/self/ns/{kind}").st_ino
                if call("setns", handle, 0) == 0 and not same:
                    got(f"the {kind} namespace of {pid}")


@attack("mounts")
def pivot(at: At) -> None:
    if call("pivot_root", b".", b".") == 0:
        got("another root")


@attack("mounts")
def kernel_settings(at: At) -> None:
    """Writes the value that is there already, so that success changes nothing."""
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger"):
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_WRONLY)
            if path != "/proc/sysrq-trigger":
                os.write(handle, Path(path).read_bytes())
            got(path)


@attack("mounts")
def control_groups(at: At) -> None:
    for place in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"):
        with contextlib.suppress(OSError):
            name = f"{place}/{at['unique']}"
            os.mkdir(name)
            got(name)
            os.rmdir(name)
