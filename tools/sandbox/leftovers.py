"""After a job: what lies in its folders is plain files and folders, which whoever reads, lists or deletes them can do so safely."""

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

DEEPEST = 64
"""Folders below this depth go away: walks and deletions are recursive."""
SET_ID = stat.S_ISUID | stat.S_ISGID


def tidy(granted: Iterable[Path]) -> None:
    """Take away links that lead out, pipes, sockets, devices, set-uid bits, bottomless folders, and names that are no text."""
    for place in granted:
        if place.is_dir():
            home = os.path.realpath(place)
            folders = [(str(place), 0)]
            while folders:
                folder, depth = folders.pop()
                folders += [(inner, depth + 1) for inner in _tidied(folder, depth, home)]


def _tidied(folder: str, depth: int, home: str) -> list[str]:
    """Tidy one folder; the folders in it that have to be looked at."""
    inner = []
    for entry in _entries(folder):
        mode = entry.stat(follow_symlinks=False).st_mode
        if not entry.name.isprintable():
            _remove(entry)
        elif stat.S_ISLNK(mode):
            if os.path.commonpath((os.path.realpath(entry.path), home)) != home:
                _remove(entry)
        elif stat.S_ISDIR(mode):
            if depth < DEEPEST:
                inner.append(entry.path)
            else:
                _remove(entry)
        elif not stat.S_ISREG(mode):
            _remove(entry)
        elif mode & SET_ID:
            os.chmod(entry.path, stat.S_IMODE(mode) & ~SET_ID)  # noqa: PTH101 - the entry has the path already
    return inner


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    """Everything in a folder, opened to its owner when it was closed."""
    if stat.S_IMODE(os.lstat(folder).st_mode) & stat.S_IRWXU != stat.S_IRWXU:
        os.chmod(folder, stat.S_IRWXU)  # noqa: PTH101 - as above
    with os.scandir(folder) as entries:
        return list(entries)


def _remove(entry: "os.DirEntry[str]") -> None:
    """Delete it, however deep it is."""
    if entry.is_dir(follow_symlinks=False):
        subprocess.run([shutil.which("rm") or "/bin/rm", "-rf", "--", entry.path], capture_output=True, env={})
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(entry.path)  # noqa: PTH108 - as above
