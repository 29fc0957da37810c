"""Whether the file of checkpoints is what was written: SQLite's own check, and a checksum behind every value."""

import contextlib
import json
import shutil
import sqlite3
import tempfile
import zlib
from pathlib import Path

NAME = "checkpoints.sqlite"
PARTS = (NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal")
"""The database and what SQLite keeps beside it."""
SEAL_BYTES = 4


def sealed(raw: bytes) -> bytes:
    """The bytes with their CRC-32 behind them."""
    return raw + zlib.crc32(raw).to_bytes(SEAL_BYTES, "big")


def opened(raw: bytes) -> bytes:
    """The bytes without their checksum.

    Raises:
        ValueError: they are not what was sealed.
    """
    content, seal = raw[:-SEAL_BYTES], raw[-SEAL_BYTES:]
    if zlib.crc32(content).to_bytes(SEAL_BYTES, "big") != seal:
        raise ValueError("a checkpoint is not what was written")
    return content


def damage(run: Path) -> str:
    """What is wrong with the checkpoints of a run, in words; empty when they are sound. Nothing of the run is touched."""
    path = run / NAME
    if not path.exists() and not path.is_symlink():
        return "is missing"
    if not path.is_file() or path.is_symlink():
        return "is not a file"
    try:
        with tempfile.TemporaryDirectory(prefix="checkpoints-", ignore_cleanup_errors=True) as made:
            for name in PARTS[:2]:
                if (run / name).is_file():
                    shutil.copyfile(run / name, Path(made) / name)
            return _problem(Path(made) / NAME)
    except OSError as error:
        return f"cannot be read: {str(error.strerror).lower()}"


def _problem(path: Path) -> str:
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            found = connection.execute("pragma integrity_check").fetchone()[0]
            if found != "ok":
                return f"is damaged: {' '.join(str(found).split())[:80]}"
            rows = connection.execute("select checkpoint, metadata from checkpoints").fetchall()
            values = connection.execute("select value from writes").fetchall()
    except (sqlite3.Error, ValueError) as error:
        return f"is damaged: {error}"
    if not rows:
        return "is empty"
    try:
        for checkpoint, metadata in rows:
            opened(checkpoint)
            json.loads(metadata)
        for (value,) in values:
            opened(value)
    except (ValueError, TypeError):
        return "holds values that are not what was written"
    return ""
