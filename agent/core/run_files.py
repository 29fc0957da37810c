"""Reads files of a run folder without trusting them: what is wrong with one, in words."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from agent.core.artifacts import PhaseRecord
from agent.core.written import sha256_of


def state_of(root: Path, relative: str, wanted: str) -> str:
    """What is wrong with a file, in words; empty when it is there with the hash wanted."""
    path = root / relative
    if linked := next(
        (part for part in (*reversed(path.relative_to(root).parents[:-1]), Path(relative)) if (root / part).is_symlink()), None
    ):
        return "is a link" if linked == Path(relative) else f"lies behind the link {linked}"
    try:
        if not path.exists():
            return "is missing"
        if not path.is_file():
            return "is not a file"
        if wanted and sha256_of(path) != wanted:
            return "was changed" if path.stat().st_size else "is empty"
    except OSError as error:
        return f"cannot be read: {str(error.strerror).lower()}"
    return ""


def inside(relative: str) -> bool:
    """Whether a path stays below the folder it is relative to, as it is written."""
    return not Path(relative).is_absolute() and ".." not in Path(relative).parts


def sound_record(path: Path, model: type[PhaseRecord]) -> PhaseRecord | None:
    """The record of a file; None when it is none."""
    try:
        record = model.model_validate_json(path.read_bytes())
        return record if all(map(inside, record.artifacts)) else None
    except (ValidationError, OSError):
        return None


def readable(paths: list[Path], *, lines: bool = False) -> bool:
    """Whether all files that are there hold JSON; a last line may be torn."""
    try:
        for path in paths:
            texts = path.read_bytes().split(b"\n")[:-1] if lines else [path.read_bytes()]
            for text in texts:
                json.loads(text or b"null")
    except FileNotFoundError:
        return True
    except (OSError, ValueError, RecursionError):
        return False
    return True


def all_files(root: Path) -> Iterator[str]:
    """Every file below a folder, relative to it."""
    for place, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            yield Path(place, name).relative_to(root).as_posix()
