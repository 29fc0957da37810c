"""A small disk of its own that can lose its power: an ext4 image on a loop device, shut down without flushing anything."""

import ctypes
import fcntl
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHUTDOWN = 0x8004587D
"""`EXT4_IOC_SHUTDOWN` of the kernel's ext4 interface."""
NOTHING_FLUSHED = 2
"""`EXT4_GOING_FLAGS_NOLOGFLUSH`: neither data nor journal are written first."""
MEGABYTES = 600
RELEASED = 20.0
"""Seconds to wait for the last holder of a disk."""
OWN_MOUNTS = 0x00020000
"""`CLONE_NEWNS`."""


class Disk:
    """The image and where it is mounted."""

    def __init__(self, image: Path, place: Path) -> None:
        self.image, self.place = image, place

    def mount(self) -> None:
        """Mount, which replays the journal."""
        subprocess.run(["mount", "-o", "loop", str(self.image), str(self.place)], check=True, capture_output=True)

    def unmount(self) -> None:
        """Unmount, and wait until nobody holds the disk: what a dying process holds keeps the lost power lost."""
        subprocess.run(["umount", str(self.place)], check=True, capture_output=True)
        until = time.monotonic() + RELEASED
        while subprocess.run(["losetup", "-j", str(self.image)], capture_output=True).stdout and time.monotonic() < until:
            time.sleep(0.05)

    def cut(self) -> None:
        """Lose the power: whatever was not synced is gone; the file system refuses everything from now on."""
        handle = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NOTHING_FLUSHED))
        finally:
            os.close(handle)


@contextmanager
def disk(folder: Path) -> Iterator[Disk | None]:
    """A mounted disk below a folder; None when this machine lets us make none (no root, no loop device, no ext4)."""
    if ctypes.CDLL(None, use_errno=True).unshare(OWN_MOUNTS):  # sandboxes of other programs would copy the mount, and hold it
        yield None
        return
    made = Disk(folder / "disk.img", folder / "disk")
    made.place.mkdir()
    try:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True, capture_output=True)
        with made.image.open("wb") as stream:
            stream.truncate(MEGABYTES << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(made.image)], check=True, capture_output=True)
        made.mount()
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    try:
        yield made
    finally:
        made.unmount()
