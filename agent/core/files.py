"""Crash-safe writes: a reader sees the old file or the new one, never half of it."""

import os
from pathlib import Path
from typing import Any

from agent.core.harmless import json_text
from agent.core.secrets import without_secrets
from agent.core.written import told


def write_atomic(path: Path, content: str | bytes | bytearray, *, lasting: bool = True) -> None:
    """Replace `path` by `content` through a synced temporary file and `os.replace`; a text is kept without the keys of this process.

    Unless `lasting`, a cut of the power may leave the old file, until the folder is synced for another one.
    """
    raw = without_secrets(content).encode("utf-8", "replace") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)  # half of it must not take the room that is missing
        error.filename = error.filename or str(path)
        raise
    if lasting:
        sync_folder(path.parent)
    told(path)


def link_atomic(path: Path, source: Path) -> None:
    """Replace `path` by another name of the file `source`, or by a copy where the file system has no such names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        temporary.hardlink_to(source)
        temporary.replace(path)
        temporary.unlink(missing_ok=True)  # it stays when both were the same file already
    except OSError:
        temporary.unlink(missing_ok=True)
        write_atomic(path, source.read_bytes())
        return
    sync_folder(path.parent)
    told(path)


def write_json(path: Path, value: Any, *, lasting: bool = True) -> None:
    """`write_atomic` of indented, key-ordered-as-given JSON."""
    write_atomic(path, json_text(value, 2) + "\n", lasting=lasting)


def write_all(handle: int, content: bytes) -> None:
    """Write to an open file until everything is written."""
    while content:
        content = content[os.write(handle, content) :]


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
