"""Puts on disk what a finding file has to hold: a new file in place of the old one, or one row at the end of a large one.

A small file is replaced, so that whoever reads it sees a whole document at every moment. In a file of more than a megabyte the row is
written over the ending, in one piece and synced; it is in the ledger before. Somebody who reads in that moment, or after a power cut in
it, may find the last row incomplete; the next writer recognises that and puts the file right from the ledger.
"""

import os
import zlib
from pathlib import Path

from agent.core.file_state import date, dated_at, left_as, state_at, state_of
from agent.core.files import write_all, write_atomic
from agent.core.finding_files import ENDING, FindingFile
from agent.core.ledger_hint import Hint, beginning_of, content_of
from agent.core.written import told

BEGINNING = 1 << 14
"""Bytes that hold the template on top of a finding file."""


def bring(path: Path, file: FindingFile) -> None:
    """Make the file on disk hold every finding."""
    known = is_left(path, file)
    if known and not file.waiting:
        return
    if known and file.waiting == 1 and _extended(path, file):
        return
    if file.unread:
        file.load(path.read_bytes())
    file.left = None
    content, left = file.content(), dated_at(path)
    if not path.exists() or path.read_bytes() != content:
        for leftover in path.parent.glob(f".{path.name}.*.tmp"):
            leftover.unlink(missing_ok=True)
        write_atomic(path, content)
        left = dated_at(path)
        left = left if left and path.read_bytes() == content else None  # somebody may have come in between
    file.left = left


def is_left(path: Path, file: FindingFile) -> bool:
    """Whether the file on disk is known to be what was left there."""
    return file.left is not None and file.left == state_at(path)


def resumed(path: Path, file: FindingFile, hint: Hint) -> bool:
    """Take up what the note says of a file, unless it has been changed since."""
    highest, state = hint.highest[file.kind], hint.states.get(file.kind)
    if state and hint.unchanged(file.kind, path):
        return file.resume_unread(state, hint.before_endings[file.kind], highest, beginning_of(path, BEGINNING))
    before = dated_at(path)
    content = content_of(path)
    if zlib.crc32(content) != hint.files[file.kind] or not file.resume(content, highest):
        return False
    file.left = before
    return True


def _extended(path: Path, file: FindingFile) -> bool:
    """Write the waiting row over the ending; False when the file is not to be written in place."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        left = file.left
        if left is None or state_of(handle) != left or os.pread(handle, len(ENDING), left.size - len(ENDING)) != ENDING:
            return False
        file.left = None
        added = file.extend()
        _over_ending(handle, added, left.size - len(ENDING))
        modified = date(handle)
        os.fsync(handle)
        state = left_as(handle, modified)
        file.left = state if state and state.size == left.size - len(ENDING) + len(added) else None
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    finally:
        os.close(handle)
    told(path)
    return True


def _over_ending(handle: int, added: bytes, place: int) -> None:
    """Write from the ending on; when the disk is full, the ending is put back, for which there is always room."""
    try:
        os.lseek(handle, place, os.SEEK_SET)
        write_all(handle, added)
    except OSError:
        os.pwrite(handle, ENDING, place)
        os.ftruncate(handle, place + len(ENDING))
        raise
