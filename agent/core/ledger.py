"""The append-only, locked, crash-safe record of what was observed, and the ids of findings.

A folder (a run, or the project's root for findings typed there) holds `ledger.jsonl`, its lock `ledger.lock`, the finding files
made from it, and, only after damage, `ledger.torn` with whatever could not be read, kept as it was.
"""

import contextlib
import datetime as dt
import fcntl
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.core.errors import InvalidFinding, RunLocked, WorkspaceUnwritable
from agent.core.file_state import FileState, date, dated_at, left_as, state_of
from agent.core.files import sync_folder, write_all
from agent.core.finding_files import ADOPTED, FindingFile, FindingRows, row_of, usable_id
from agent.core.finding_projection import bring, is_left, resumed
from agent.core.findings import KINDS, Finding, FindingKind, check_finding
from agent.core.ledger_hint import LEDGER, Hint, read_hint, write_hint
from agent.core.ledger_lines import Damaged, LedgerReader, LedgerRecord, bytes_before, encode_data, encode_line, find_line
from agent.core.shortage import ran_out

LOCK_SECONDS = 30.0
"""How long to wait for another process's lock; it is held for milliseconds."""
SCANS = 32
"""Findings that a process logs before it reads the whole ledger: to look for so many keys in the file takes about as long."""
OWN_KINDS = frozenset({*KINDS, ADOPTED, "repaired"})
"""Kinds of records that `append` leaves to the other methods."""


@dataclass(frozen=True)
class LoggedFinding:
    """A finding as the ledger has it.

    Attributes:
        id: e.g. `BUG-001`.
        path: the file that lists it.
        new: False when its key was known already.
        notes: remarks for whoever logged it, one line each.
        key: under which it is logged.
        row: as it was logged.
    """

    id: str
    path: Path
    new: bool
    notes: tuple[str, ...] = ()
    key: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)


class Ledger:
    """The ledger of one folder; any number of processes and threads may use it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"
        self._reader = LedgerReader(self.path)
        self._guard = threading.RLock()
        self._scans = 0
        self._forget()

    def append(self, kind: str, key: str, data: Mapping[str, Any], *, lasting: bool = True) -> LedgerRecord:
        """Write a record to disk; when `(kind, key)` is there already, nothing is written and the first record is returned.

        Unless `lasting`, it outlives a cut of the power only when another record follows that does.

        Raises:
            WorkspaceUnwritable: the folder cannot be written, or is full.
            RunLocked: another process does not let go of the lock.
        """
        if kind in OWN_KINDS:
            raise ValueError(f"records of kind {kind} are written by the ledger itself")
        with self._exclusive():
            self._settle()
            return self._known.get((kind, key)) or self._write(kind, key, dict(data), lasting=lasting)

    def records(self, kind: str | None = None) -> list[LedgerRecord]:
        """All complete records on disk, or those of one kind, oldest first."""
        with self._guard:
            self._catch_up()
            return [record for record in self._known.values() if kind is None or record.kind == kind]

    def damaged(self) -> list[Damaged]:
        """All lines that are not readable records."""
        with self._guard:
            self._catch_up()
            return list(self._damaged)

    def findings(self, kind: FindingKind) -> FindingRows:
        """All findings of a kind as they stand in its file, rows typed there by hand included once they were adopted."""
        with self._guard:
            self._catch_up()
            return FindingRows(self._files[kind].records.values())

    def log_finding(self, kind: FindingKind, entry: Finding | Mapping[str, Any], agent: str, key: str | None = None) -> LoggedFinding:
        """Give a finding its id and list it in its file; a `key` (fingerprint) that is known keeps its id and its text.

        Raises:
            InvalidFinding: the entry or the agent's name does not match the schema.
            WorkspaceUnwritable: the folder cannot be written, or is full.
            RunLocked: another process does not let go of the lock.
        """
        raw = entry.model_dump() if isinstance(entry, Finding) else entry
        parsed = check_finding(kind, raw)
        if not agent.strip() or len(agent) > 200 or not agent.isprintable():
            raise InvalidFinding("agent: must be a name of 1 to 200 printable characters")
        with self._exclusive() as lock:
            resumed = self._resume(lock)
            notes = parsed.notes if resumed else (*parsed.notes, *self._adopt())
            name = self._files[kind].next_id()
            record = self._logged(kind, key or None, not resumed)
            new = record is None
            if record is None:
                fields = {"id": name, "agent": agent, "timestamp": _now()} | parsed.finding.model_dump()
                record = self._write(kind, key or f"id:{name}", fields)
            self._project(lock, only_present=True)
            row = record.data
            return LoggedFinding(row["id"], self.folder / KINDS[kind].file, new, notes, record.key, row)

    def project(self) -> tuple[str, ...]:
        """Bring all four finding files in line with the ledger, adopting what was typed into them; remarks, one line each."""
        with self._exclusive() as lock:
            self._settle()
            notes = self._adopt()
            self._project(lock, only_present=False)
            return notes

    def _forget(self) -> None:
        self._resumed = False
        self._state: FileState | None = None
        self._known: dict[tuple[str, str], LedgerRecord] = {}
        self._files = {kind: FindingFile(kind) for kind in KINDS}
        self._damaged: list[Damaged] = []

    def _refresh(self) -> None:
        starts = self._reader.starts
        found = self._reader.read()
        if self._reader.starts != starts:
            self._forget()
        for entry in found:
            if isinstance(entry, Damaged):
                self._damaged.append(entry)
                continue
            self._known.setdefault((entry.kind, entry.key), entry)
            if entry.kind in OWN_KINDS and (row := row_of(entry)):
                self._files[row[0]].take(row[1], entry)

    def _catch_up(self) -> None:
        """Know everything on disk."""
        if self._resumed:
            self._forget()
            self._reader.start_at(0, 0, 0, b"")
        self._refresh()

    def _settle(self) -> None:
        """Know everything on disk, and make its last line whole."""
        anew = self._resumed or self._reader.offset == 0
        left = dated_at(self.path) if anew else self._state
        self._catch_up()
        self._state = left
        self._repair()

    def _resume(self, lock: int) -> bool:
        """Skip the parsing when the last writer's note still fits; else settle."""
        if (self._reader.offset == 0 or self._resumed) and self._scans < SCANS:
            self._scans += 1
            hint = read_hint(lock)
            left = hint.states[LEDGER] if hint and hint.unchanged(LEDGER, self.path) else dated_at(self.path)
            if hint and hint.ledger_fits(self.path):
                self._forget()
                self._reader.start_at(hint.size, hint.lines, hint.crc, bytes_before(self.path, hint.size))
                self._state = left
                self._resumed = True  # some files may have forgotten their records
                if all(resumed(self.folder / file.name, file, hint) for file in self._files.values()):
                    return True
        self._settle()
        return False

    def _logged(self, kind: FindingKind, key: str | None, settled: bool) -> LedgerRecord | None:
        """The record of a key; one of a ledger that was not parsed is looked for in the file."""
        if key is None:
            return None
        return self._known.get((kind, key)) or (None if settled else find_line(self.path, kind, key))

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[int]:
        """Hold the lock, and its file's handle."""
        with self._guard:
            try:
                lock = os.open(self.folder / "ledger.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
                try:
                    _wait_for(lock, self.folder)
                    yield lock
                finally:
                    os.close(lock)
            except OSError as error:
                where = error.filename or self.path
                raise ran_out(error, where) or WorkspaceUnwritable(
                    f"cannot write {where}: {error.strerror}", hint="Free space or fix the permissions, then try again."
                ) from error

    def _repair(self) -> None:
        """Cut off what a killed writer left of its last line, after saving it."""
        try:
            rest = self.path.read_bytes()[self._reader.offset :] if self.path.stat().st_size > self._reader.offset else b""
        except FileNotFoundError:
            return
        if rest:
            self._rescue(self.path.name, rest)
            os.truncate(self.path, self._reader.offset)
            self._write("repaired", f"line {self._reader.lines + 1}", {"cut_off_bytes": len(rest), "saved_in": "ledger.torn"})

    def _rescue(self, name: str, content: bytes) -> None:
        with (self.folder / "ledger.torn").open("ab") as stream:
            stream.write(f"# {_now()} {name}, {len(content)} bytes\n".encode() + content + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def _write(self, kind: str, key: str, data: dict[str, Any], *, lasting: bool = True) -> LedgerRecord:
        """Append a line and, with `lasting`, sync it."""
        at = data["timestamp"] if kind in KINDS else _now()
        line = encode_line(self._reader.lines + 1, at, kind, key, encode_data(data))
        fresh = not self.path.exists()
        with self.path.open("ab", buffering=0) as stream:
            size = stream.seek(0, os.SEEK_END)
            known = self._state is not None and state_of(stream.fileno()) == self._state
            try:
                write_all(stream.fileno(), line if self._ends_whole(size) else b"\n" + line)
                modified = date(stream.fileno()) if known else 0
                if lasting:
                    os.fsync(stream.fileno())
            except OSError:
                stream.truncate(size)
                raise
            self._state = left_as(stream.fileno(), modified) if known else None
        if fresh:
            sync_folder(self.folder)
        self._refresh()
        return self._known[(kind, key)]

    def _ends_whole(self, size: int) -> bool:
        """Whether the file ends with a newline; a writer may have been killed just before it."""
        if size == 0:
            return True
        with self.path.open("rb") as stream:
            stream.seek(size - 1)
            return stream.read(1) == b"\n"

    def _adopt(self) -> tuple[str, ...]:
        """Take rows that somebody typed into the finding files into the ledger."""
        notes: list[str] = []
        for kind, file in self._files.items():
            path = self.folder / file.name
            if is_left(path, file) or not path.exists() or (content := path.read_bytes()) == file.content():
                continue
            edits = file.edits(content)
            if not edits.intact:
                self._rescue(file.name, content)
                notes.append(f"{file.name}: not all of it could be understood; its former text is kept in {self.folder / 'ledger.torn'}")
            for row in edits.rows:
                name = usable_id(row) or file.next_id()
                self._write(ADOPTED, f"{name}@{self._reader.lines + 1}", {"kind": kind, "row": {"id": name} | row})
                notes.append(f"{file.name}: {name} was typed in by hand and is now in the ledger")
        return tuple(notes)

    def _project(self, lock: int, *, only_present: bool) -> None:
        for file in self._files.values():
            path = self.folder / file.name
            if not only_present or file.records or path.exists():
                bring(path, file)
        write_hint(lock, self._hint())

    def _hint(self) -> Hint:
        files = {kind: file.crc if (self.folder / file.name).exists() else 0 for kind, file in self._files.items()}
        states = {str(kind): file.left for kind, file in self._files.items() if file.left} | ({LEDGER: self._state} if self._state else {})
        highest = {kind: file.highest for kind, file in self._files.items()}
        ends = {kind: file.crc_before_ending for kind, file in self._files.items()}
        return Hint(self._reader.offset, self._reader.crc, self._reader.lines, highest, files, ends, states)


def _wait_for(handle: int, folder: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise RunLocked(f"another process has held {folder / 'ledger.lock'} for {LOCK_SECONDS:.0f} s") from error
            time.sleep(0.005)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
