"""A ledger that says what it has lost, and is made whole again from what is sound."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agent.core.artifacts import CallResult
from agent.core.errors import WorkspaceEscape, WorkspaceUnwritable
from agent.core.files import write_atomic
from agent.core.findings import KINDS
from agent.core.ledger import Ledger
from agent.core.ledger_lines import Damaged, LedgerReader, LedgerRecord, encode_line

SHOWN = 3
"""Damaged lines that are named one by one."""


class RepairableLedger(Ledger):
    """The ledger of one run, to be checked and repaired under the run's lock."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._whole_reader = LedgerReader(self.path)
        self._keys: set[tuple[str, str]] | None = None

    def problems(self) -> list[str]:
        """What is wrong with the file, in words; nothing is changed."""
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_file()):
            return ["is not a file"]
        try:
            lines = list(self._lines())
            rest = self.path.read_bytes()[self._end :] if lines or self.path.exists() else b""
        except OSError as error:
            return [f"cannot be read: {str(error.strerror).lower()}"]
        broken = [line for line in lines if isinstance(line, Damaged)]
        found = [f"line {line.line} is {line.reason}" for line in broken[:SHOWN]]
        found += [f"has {len(broken) - SHOWN} more damaged lines"] if len(broken) > SHOWN else []
        astray = next((n for n, line in enumerate(lines, 1) if isinstance(line, LedgerRecord) and line.seq != n), 0)
        found += [f"has lost, doubled or moved a line before line {astray}"] if astray else []
        return found + ([f"ends with half a line, {len(rest)} bytes"] if rest else [])

    def whole(self) -> list[LedgerRecord]:
        """All records that are sound, in the order in which they were written, none twice."""
        if self.path.is_symlink() or not self.path.is_file() or not os.access(self.path, os.R_OK):
            return []
        known: dict[tuple[str, str], LedgerRecord] = {}
        for line in sorted((one for one in self._lines() if isinstance(one, LedgerRecord)), key=lambda record: record.seq):
            known.setdefault((line.kind, line.key), line)
        return list(known.values())

    def lacks(self, marker: CallResult) -> bool:
        """Whether a finding that a call has logged is not in the file."""
        row = _row(marker)
        return bool(row) and (marker.result["kind"], marker.result["key"]) not in self._finding_keys()

    def repair(self) -> list[str]:
        """Keep what is sound, put the rest into `ledger.torn`; what was done, one line each."""
        found = self.problems()
        if not found:
            return []
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_file()):
            raise WorkspaceEscape(f"{self.path} is not a file")
        with self._exclusive():
            if not os.access(self.path, os.R_OK):
                raise WorkspaceUnwritable(f"{self.path} cannot be read", hint="Fix its permissions, then resume.")
            kept = self.whole()
            self._rescue(self.path.name, self.path.read_bytes())
            lines = (encode_line(number, r.at, r.kind, r.key, r.payload) for number, r in enumerate(kept, 1))
            write_atomic(self.path, b"".join(lines))
            self._refresh()
            self._write("repaired", f"whole, {len(kept) + 1}", {"problems": found, "saved_in": "ledger.torn"})
        return found

    def restore(self, markers: Mapping[str, CallResult]) -> int:
        """Enter findings that were logged and are missing, from the markers of the calls that logged them; how many."""
        missing = sorted((marker for marker in markers.values() if self.lacks(marker)), key=lambda m: str(m.result["id"]))
        with self._exclusive():
            self._settle()
            for marker in missing:
                self._write(marker.result["kind"], marker.result["key"], _row(marker))
        return len(missing)

    def file_problems(self) -> Iterator[tuple[str, str, str, bool]]:
        """(file, what is wrong, what follows, whether it is harmless) for finding files that are not what the ledger says."""
        if not self.path.is_file():
            return
        self._catch_up()
        for file in self._files.values():
            path = self.folder / file.name
            if path.is_symlink() or (path.exists() and not path.is_file()):
                yield file.name, "is not a file", "it is written again from the ledger", False
                continue
            try:
                content = path.read_bytes() if path.exists() else None
            except OSError as error:
                yield file.name, f"cannot be read: {str(error.strerror).lower()}", "it is written again from the ledger", False
                continue
            if content is None and file.records:
                yield file.name, "is missing", "it is written again from the ledger", False
            elif content is not None and content != file.content():
                edits = file.edits(content)
                if edits.rows or not edits.intact or not file.lists(content):
                    yield _difference(file.name, content, edits.rows, edits.intact)

    @property
    def _end(self) -> int:
        return self._whole_reader.offset

    def _lines(self) -> Iterator[LedgerRecord | Damaged]:
        self._whole_reader = LedgerReader(self.path)
        yield from self._whole_reader.read()

    def _finding_keys(self) -> set[tuple[str, str]]:
        if self._keys is None:
            self._keys = {(record.kind, record.key) for record in self.whole() if record.kind in KINDS}
        return self._keys


def _row(marker: CallResult) -> dict[str, Any]:
    """The finding that a call has logged; empty for other calls."""
    row = marker.result.get("row") if marker.tool == "log_finding" else None
    return row if isinstance(row, dict) and marker.result.get("kind") in KINDS and row.get("id") and row.get("timestamp") else {}


def _difference(name: str, content: bytes, rows: tuple[dict[str, Any], ...], intact: bool) -> tuple[str, str, str, bool]:
    if not intact:
        return name, "holds what is no finding", "its former text is kept in ledger.torn, the ledger's is written again", False
    if rows:
        names = ", ".join(json.dumps(row.get("id", "new")) for row in rows[:SHOWN])
        return name, f"was changed by hand ({names})", "the ledger takes it over", True
    return name, "is empty" if not content.strip() else "lacks something of the ledger", "it is written again from the ledger", False
