"""On what kind of file system a folder is, as far as several machines may use it."""

from pathlib import Path

NETWORK = ("nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs", "afs")
MOUNTS = Path("/proc/self/mountinfo")


def network_kind(folder: Path, mounts: Path = MOUNTS) -> str:
    """Kind of the network file system that holds a folder; empty when it is none, or the kernel does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    longest, kind = "", ""
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        place = fields[4].encode().decode("unicode_escape") if "\\" in fields[4] else fields[4]
        if folder.resolve().is_relative_to(place) and len(place) >= len(longest):  # of two at one place the later one counts
            longest, kind = place, after.split()[0]
    return kind if kind in NETWORK else ""
