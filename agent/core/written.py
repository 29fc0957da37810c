"""What a tool call leaves in a run folder: told by whoever writes a file, heard by the journal."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path

from agent.core.secrets import without_secrets

CHUNK = 1 << 20
_heard: ContextVar[set[Path] | None] = ContextVar("heard", default=None)


@contextlib.contextmanager
def heard() -> Iterator[set[Path]]:
    """The files that this thread writes or removes in the block."""
    found: set[Path] = set()
    token = _heard.set(found)
    try:
        yield found
    finally:
        _heard.reset(token)


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """What is written in the block is not the call's, although it comes about while the call is made."""
    token = _heard.set(None)
    try:
        yield
    finally:
        _heard.reset(token)


def told(path: Path) -> None:
    """Tell that a file was written, found as it had to be, or removed."""
    if (found := _heard.get()) is not None:
        found.add(path.absolute())


@contextlib.contextmanager
def noticed(folders: Iterable[Path]) -> Iterator[None]:
    """Tell of every file of the folders that another program changes during the block."""
    places = tuple(folders)
    before = _states(places)
    yield
    after = _states(places)
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path):
            told(path)


def sha256_of(path: Path, *, durable: bool = False) -> str:
    """SHA-256 of a file; with `durable`, of what a cut of the power leaves of it."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        if durable:
            os.fsync(stream.fileno())
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def text_hash(text: str) -> str:
    """SHA-256 of a text as it will be on disk, see `write_atomic`."""
    return hashlib.sha256(without_secrets(text).encode("utf-8", "replace")).hexdigest()


def _states(folders: Iterable[Path]) -> dict[Path, tuple[int, ...]]:
    found: dict[Path, tuple[int, ...]] = {}
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name).absolute()
                with contextlib.suppress(FileNotFoundError):
                    state = path.lstat()
                    if stat.S_ISREG(state.st_mode):
                        found[path] = (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    return found
