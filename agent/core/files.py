"""Crash-safe writes: a reader sees the old file or the new one, never half of it."""

import json
import os
from pathlib import Path
from typing import Any

from agent.core.written import told


def write_atomic(path: Path, content: str | bytes) -> None:
    """Replace `path` by `content` through a synced temporary file and `os.replace`."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
    told(path)


def write_json(path: Path, value: Any) -> None:
    """`write_atomic` of indented, key-ordered-as-given JSON."""
    write_atomic(path, json_text(value))


def json_text(value: Any) -> str:
    """Indented JSON with a newline at its end."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n"


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
