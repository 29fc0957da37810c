"""A note in the lock file that spares the next process parsing what this one has parsed.

It is never trusted: it counts only when ledger and finding files are what they were when the note was made; byte for byte by size and
checksum, and large ones by what the file system says of them (`agent.core.file_state`). Without it everything works the same, more slowly.
"""

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from agent.core.file_state import FileState, state_at
from agent.core.findings import KINDS, FindingKind
from agent.core.ledger_lines import bytes_before

LEDGER = "ledger"


@dataclass(frozen=True)
class Hint:
    """What was on disk when the lock was last given back after logging a finding.

    Attributes:
        size: bytes of the ledger.
        crc: CRC-32 of the ledger.
        lines: of the ledger.
        highest: kind -> highest number among the ids.
        files: kind -> CRC-32 of the finding file, 0 for a file that is not there.
        before_endings: kind -> CRC-32 of the finding file up to its ending.
        states: kind, or `ledger` -> state in which a large file was left.
    """

    size: int
    crc: int
    lines: int
    highest: Mapping[FindingKind, int]
    files: Mapping[FindingKind, int]
    before_endings: Mapping[FindingKind, int] = field(default_factory=dict)
    states: Mapping[str, FileState] = field(default_factory=dict)

    def unchanged(self, name: str, path: Path) -> bool:
        """Whether a large file is still what the note says without a look at what is in it."""
        return name in self.states and state_at(path) == FileState(*self.states[name])

    def ledger_fits(self, path: Path) -> bool:
        """Whether nothing was added to the ledger or changed in it since, and it ends with a whole line."""
        if self.unchanged(LEDGER, path):
            return bytes_before(path, self.size).endswith(b"\n") and self.states[LEDGER].size == self.size
        content = content_of(path)
        return self.size == len(content) and self.crc == zlib.crc32(content) and content.endswith(b"\n")


def write_hint(handle: int, hint: Hint) -> None:
    """Replace the note in the open lock file."""
    text = json.dumps(asdict(hint)).encode("ascii")
    os.ftruncate(handle, 0)
    os.pwrite(handle, text + b" %d\n" % zlib.crc32(text), 0)


def read_hint(handle: int) -> Hint | None:
    """The note in the open lock file, or None when there is none, or half of one."""
    text, _, seal = os.pread(handle, 4096, 0).rpartition(b" ")
    if seal != b"%d\n" % zlib.crc32(text):
        return None
    found = json.loads(text)
    if set(found) != {one.name for one in fields(Hint)}:  # another version's
        return None
    states = {name: FileState(*state) for name, state in found["states"].items()}
    return Hint(**found | {"states": states}) if set(found["files"]) == set(found["highest"]) == set(KINDS) else None


def content_of(path: Path) -> bytes:
    """What is in a file; nothing when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def beginning_of(path: Path, size: int) -> bytes:
    """Its first bytes."""
    with path.open("rb") as stream:
        return stream.read(size)
