"""How much of the disk a job uses: cheap to ask while it runs, exact when it matters."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from agent.core.shortage import RESERVE, disk_has_room
from tools.sandbox.contract import Job
from tools.sandbox.family import descendants

OWN_FAULT = 64 << 20
"""Bytes that a job has written when a disk without RESERVE bytes is its own doing; else the job is ended for want of room."""
CLOCKS_APART = 2.0
"""Seconds by which the times of files may differ from the clock."""


class Quota:
    """What was free when the job began, and what it has used since."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.began = time.time() - CLOCKS_APART
        self.before: dict[int, tuple[Path, os.statvfs_result]] = {}
        for path in job.writable:
            with contextlib.suppress(OSError):
                self.before.setdefault(path.stat().st_dev, (path, os.statvfs(path)))

    def passed(self, leader: int) -> str:
        """Which bound the job has passed; empty when none. `leader` is the process that all of the job's descend from."""
        for path, then in self.before.values():
            now = os.statvfs(path)
            written, made = (then.f_bfree - now.f_bfree) * now.f_frsize, then.f_ffree - now.f_ffree
            if now.f_bavail * now.f_frsize < RESERVE and written > 0:
                return self._starved(path, leader)
            if written > self.job.disk_mb << 20 or made > self.job.files:  # by this job, or by others
                used, files = self._used(leader)
                if used > self.job.disk_mb << 20:
                    return f"it wrote more than {self.job.disk_mb} MB"
                if files > self.job.files:
                    return f"it made more than {self.job.files} files"
        return ""

    def _starved(self, path: Path, leader: int) -> str:
        """Say that the job left too little of the disk free.

        Raises:
            LimitReached: others did.
        """
        if self._used(leader)[0] < OWN_FAULT:
            disk_has_room(path)
        return f"less than {RESERVE >> 20} MB of the disk are free"

    def _used(self, leader: int) -> tuple[int, int]:
        """Bytes and number of the files it made or changed, those included that were deleted but are open."""
        seen = {(info.st_dev, info.st_ino): info.st_blocks * 512 for info in (*self._in_folders(), *self._held(leader))}
        return sum(seen.values()), len(seen)

    def _in_folders(self) -> Iterator[os.stat_result]:
        folders = [str(path) for path in self.job.writable if path.is_dir()]
        while folders:
            with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
                for entry in entries:
                    info = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    if info.st_ctime >= self.began:
                        yield info

    def _held(self, leader: int) -> Iterator[os.stat_result]:
        for pid in descendants(leader):
            with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as handles:
                for handle in handles:
                    with contextlib.suppress(OSError):
                        info = handle.stat()
                        if info.st_nlink == 0 and info.st_dev in self.before:
                            yield info
