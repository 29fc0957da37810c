"""The files that list findings, as projections of the ledger, and what a person changed in them by hand."""

import json
import re
from dataclasses import dataclass
from typing import Any

from agent.core.findings import KINDS, FindingKind
from agent.core.ledger_lines import LedgerRecord

ADOPTED = "adopted"
"""Kind of the ledger records that hold a row somebody typed into a finding file: `{"kind": …, "row": {…}}`."""

_ROW_ID = re.compile(rb'\{"id": "([^"\\]+)"')
_END = b"\n  ]\n}\n"
_BETWEEN = b"\n    },\n    {\n      "


@dataclass(frozen=True)
class HandEdits:
    """What a finding file says that the ledger does not know.

    Attributes:
        rows: rows to adopt, in the order of the file; a row without a usable id has none.
        intact: False when something of the file could not be understood, so that the file must be kept as it was.
    """

    rows: tuple[dict[str, Any], ...]
    intact: bool


def row_of(record: LedgerRecord) -> tuple[FindingKind, str] | None:
    """Kind and id of the finding that a record holds; None when it holds none."""
    if record.kind == ADOPTED:
        data = record.data
        return data["kind"], data["row"]["id"]
    if record.kind in KINDS and (found := _ROW_ID.match(record.payload)):
        return record.kind, found[1].decode("utf-8")
    return None


def row_data(record: LedgerRecord) -> dict[str, Any]:
    """The finding that a record holds."""
    data = record.data
    row: dict[str, Any] = data["row"] if record.kind == ADOPTED else data
    return row


class FindingFile:
    """What the file of one kind of findings has to hold; rendering after a new finding costs one copy, not a new start.

    Attributes:
        kind: of the findings.
        name: of the file.
        records: id -> the ledger record that holds the finding as it stands now.
        highest: number of the highest id.
    """

    def __init__(self, kind: FindingKind) -> None:
        self.kind = kind
        self.name = KINDS[kind].file
        self.records: dict[str, LedgerRecord] = {}
        self.highest = 0
        self._rendered = b""
        self._waiting: list[LedgerRecord] = []
        self._stem = f"{KINDS[kind].prefix}-"

    def take(self, name: str, record: LedgerRecord) -> None:
        """A finding that was logged or adopted; one with a known id replaces the earlier text."""
        if name in self.records:
            self._rendered, self._waiting = b"", [r for n, r in self.records.items() if n != name]
        self.records[name] = record
        self._waiting.append(record)
        number = name.removeprefix(self._stem)
        if number != name and number.isdecimal() and len(number) < 13:
            self.highest = max(self.highest, int(number))

    def next_id(self) -> str:
        """The id after the highest one."""
        return f"{self._stem}{self.highest + 1:03d}"

    def content(self) -> bytes:
        """The whole file."""
        if self._waiting:
            start = self._rendered.removesuffix(_END) + b"," if self._rendered else self._head() + b"["
            rows = _BETWEEN.join(map(_members, self._waiting)).replace(b",\t", b",\n      ")
            self._rendered = b"".join((start, b"\n    {\n      ", rows, b"\n    }", _END))
            self._waiting = []
        return self._rendered or self._head() + b"[]\n}\n"

    def _head(self) -> bytes:
        template = json.dumps({"template": KINDS[self.kind].template()}, indent=2, ensure_ascii=False)
        return template.removesuffix("\n}").encode("utf-8") + b',\n  "findings": '

    def resume(self, content: bytes, highest: int) -> bool:
        """Take the file's content for what it has to hold, without the records; False when another version's template is in it."""
        if content and not content.startswith(self._head()):
            return False
        self.highest = highest
        self._rendered = content if content.endswith(_END) else b""
        return True

    def lists(self, content: bytes) -> bool:
        """Whether a file holds every finding of the ledger."""
        try:
            rows = json.loads(content.decode("utf-8-sig"), parse_constant=str)["findings"]
            return {usable_id(row) for row in rows} >= set(self.records)
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
            return False

    def edits(self, content: bytes) -> HandEdits:
        """Rows of the file on disk that are new, or differ from the ledger's; rows that were taken out come back."""
        try:
            parsed = json.loads(content.decode("utf-8-sig"), parse_constant=str)
        except (ValueError, RecursionError):
            return HandEdits((), intact=not content.strip())
        rows = parsed.get("findings") if isinstance(parsed, dict) else None
        if not isinstance(rows, list):
            return HandEdits((), intact=False)
        objects = [row for row in rows if isinstance(row, dict)]
        changed = self._unknown_rows(objects)
        return HandEdits(changed, intact=set(parsed) <= {"template", "findings"} and len(objects) == len(rows))

    def _unknown_rows(self, rows: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        named: dict[str, dict[str, Any]] = {}
        nameless: list[dict[str, Any]] = []
        for row in rows:
            name = usable_id(row)
            if name and named.setdefault(name, row) == row:
                continue
            nameless.append(_without_id(row))
        changed = [row for name, row in named.items() if name not in self.records or row_data(self.records[name]) != row]
        if nameless:  # a writer killed after adopting such a row has not yet given it an id in the file
            before = [_without_id(row_data(record)) for name, record in self.records.items() if name not in named]
            changed += [row for row in nameless if row not in before]
        return tuple(changed)


def usable_id(row: dict[str, Any]) -> str:
    """The id of a hand-typed row, or nothing when it has none that can stay."""
    name = row.get("id")
    fits = isinstance(name, str) and 0 < len(name) <= 100 and name.isascii() and name.isprintable() and not set(name) & set('"\\ ')
    return str(name) if fits else ""


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _members(record: LedgerRecord) -> bytes:
    """What stands between the braces of the row; the tabs of the ledger's own rows are still to become line breaks."""
    if record.kind != ADOPTED:
        return record.payload[1:-1]
    row = record.data["row"]
    try:
        text = json.dumps(row, indent=2, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(row, indent=2).encode("ascii")
    return text.removeprefix(b"{\n  ").removesuffix(b"\n}").replace(b"\n", b"\n    ")
