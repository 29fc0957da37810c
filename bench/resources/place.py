"""Small disks for the cases, in a mount namespace of the bench: nobody else sees them, and they go with it."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWN_MOUNTS = 0x00020000
"""`CLONE_NEWNS`."""


def own_mounts() -> str:
    """Enter a mount namespace of our own; why that cannot be, or nothing."""
    if os.geteuid():
        return "only root can mount a small disk"
    if ctypes.CDLL(None, use_errno=True).unshare(OWN_MOUNTS):
        return "this machine lets us make no mount namespace"
    made = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True)
    return made.stderr.strip() if made.returncode else ""


@contextmanager
def tmpfs(folder: Path, options: str) -> Iterator[Path]:
    """A disk in memory on a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def give_back(disk: Path) -> None:
    """Undo whatever was taken from a disk."""
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    shutil.rmtree(disk / "ballast", ignore_errors=True)
    (disk / "ballast").mkdir()
