"""A note in the lock file that spares the next process parsing what this one has parsed.

It is never trusted: it counts only when ledger and finding files are, byte for byte by size and checksum, what they were when the
note was made. Without it everything works the same, more slowly.
"""

import json
import os
import zlib
from dataclasses import asdict, dataclass

from agent.core.findings import KINDS, FindingKind


@dataclass(frozen=True)
class Hint:
    """What was on disk when the lock was last given back after logging a finding.

    Attributes:
        size: bytes of the ledger.
        crc: CRC-32 of the ledger.
        lines: of the ledger.
        highest: kind -> highest number among the ids.
        files: kind -> CRC-32 of the finding file, 0 for a file that is not there.
    """

    size: int
    crc: int
    lines: int
    highest: dict[FindingKind, int]
    files: dict[FindingKind, int]

    def fits(self, ledger: bytes, files: dict[FindingKind, bytes]) -> bool:
        """Whether nothing has changed since, and the ledger ends with a whole line."""
        same = self.size == len(ledger) and self.crc == zlib.crc32(ledger)
        return same and ledger.endswith(b"\n") and self.files == {kind: zlib.crc32(content) for kind, content in files.items()}


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
    return Hint(**found) if set(found["files"]) == set(found["highest"]) == set(KINDS) else None
