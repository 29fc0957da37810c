"""The files that list findings, as projections of the ledger, and what a person changed in them by hand."""

import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from agent.core.file_state import FileState
from agent.core.findings import KINDS, FindingKind
from agent.core.ledger_lines import LedgerRecord

ADOPTED = "adopted"
"""Kind of the ledger records that hold a row somebody typed into a finding file: `{"kind": …, "row": {…}}`."""

_ROW_ID = re.compile(rb'\{"id": "([^"\\]+)"')
ENDING = b"\n  ]\n}\n"
"""Last bytes of a file that lists something."""
_ROW_END = b"\n    }"
_BETWEEN = _ROW_END + b",\n    {\n      "


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


class FindingRows(Sequence[dict[str, Any]]):
    """Findings in the order of their file, each parsed when it is asked for: a page of many costs what the page costs."""

    def __init__(self, records: Iterable[LedgerRecord]) -> None:
        self._records = tuple(records)

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return [row_data(one) for one in self._records[place]] if isinstance(place, slice) else row_data(self._records[place])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class FindingFile:
    """What the file of one kind of findings has to hold; one more finding costs its own row, however many there are.

    Attributes:
        kind: of the findings.
        name: of the file.
        records: id -> the ledger record that holds the finding as it stands now.
        highest: number of the highest id.
        left: the state in which the file on disk holds this, waiting rows apart; None when it has to be read to know.
    """

    def __init__(self, kind: FindingKind) -> None:
        self.kind = kind
        self.name = KINDS[kind].file
        self.records: dict[str, LedgerRecord] = {}
        self.highest = 0
        self.left: FileState | None = None
        self._text: bytearray | None = bytearray()
        self._crc = 0
        self._waiting: list[LedgerRecord] = []
        self._stem = f"{KINDS[kind].prefix}-"

    def take(self, name: str, record: LedgerRecord) -> None:
        """A finding that was logged or adopted; one with a known id replaces the earlier text."""
        if name in self.records:
            self._text, self._crc, self.left = bytearray(), 0, None
            self._waiting = [r for n, r in self.records.items() if n != name]
        self.records[name] = record
        self._waiting.append(record)
        number = name.removeprefix(self._stem)
        if number != name and number.isdecimal() and len(number) < 13:
            self.highest = max(self.highest, int(number))

    def next_id(self) -> str:
        """The id after the highest one."""
        return f"{self._stem}{self.highest + 1:03d}"

    def content(self) -> bytes | bytearray:
        """The whole file."""
        assert self._text is not None, "whoever resumes a file unread looks at its text first"
        if not self._text and not self._waiting:
            return self._head() + b"[]\n}\n"
        if not self._text:
            self._put(self._head() + b"[" + self._rows())
        elif self._waiting:
            self.extend()
        return self._text

    def extend(self) -> bytes:
        """Take up the rows that wait; what has to stand in the file where its ending was."""
        added = b"," + self._rows() if self._waiting else b""
        if added:
            self._put(added)
        return added

    @property
    def waiting(self) -> int:
        """How many rows the file as it was last rendered lacks."""
        return len(self._waiting)

    @property
    def unread(self) -> bool:
        """Whether the text is on disk only."""
        return self._text is None

    @property
    def crc(self) -> int:
        """CRC-32 of the whole file as it was last rendered."""
        if self._text is not None and not self._text:
            return zlib.crc32(self._head() + b"[]\n}\n")
        return zlib.crc32(ENDING, self._crc)

    @property
    def crc_before_ending(self) -> int:
        """CRC-32 of the file up to its ending, from which that of a longer one follows."""
        return self._crc

    def _put(self, text: bytes) -> None:
        self._crc = zlib.crc32(memoryview(text)[: -len(ENDING)], self._crc)
        if self._text is not None:
            del self._text[-len(ENDING) :]
            self._text += text
        self._waiting = []

    def _rows(self) -> bytes:
        rows = _BETWEEN.join(map(_members, self._waiting)).replace(b",\t", b",\n      ")
        return b"".join((b"\n    {\n      ", rows, b"\n    }", ENDING))

    def _head(self) -> bytes:
        template = json.dumps({"template": KINDS[self.kind].template()}, indent=2, ensure_ascii=False)
        return template.removesuffix("\n}").encode("utf-8") + b',\n  "findings": '

    def resume(self, content: bytes, highest: int) -> bool:
        """Take the file's content for what it has to hold, without the records; False when another version's template is in it."""
        if content and not content.startswith(self._head()):
            return False
        self.highest = highest
        self._text = bytearray(content if content.endswith(ENDING) else b"")
        self._crc = zlib.crc32(memoryview(self._text)[: -len(ENDING)]) if self._text else 0
        return True

    def resume_unread(self, left: FileState, crc_before_ending: int, highest: int, head: bytes) -> bool:
        """The same by the first bytes of a file that is still what it was."""
        if not head.startswith(self._head()):
            return False
        self.left, self._crc, self.highest, self._text = left, crc_before_ending, highest, None
        return True

    def load(self, content: bytes) -> None:
        """The text of a file that was resumed unread."""
        self._text = bytearray(content)

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
            return HandEdits((), intact=not content.strip() or self._half_extended(content))
        rows = parsed.get("findings") if isinstance(parsed, dict) else None
        if not isinstance(rows, list):
            return HandEdits((), intact=False)
        objects = [row for row in rows if isinstance(row, dict)]
        changed = self._unknown_rows(objects)
        return HandEdits(changed, intact=set(parsed) <= {"template", "findings"} and len(objects) == len(rows))

    def _half_extended(self, content: bytes) -> bool:
        """Whether a writer was stopped while it put the last row where the ending was: nothing else is in the file.

        A kill leaves a beginning of what it wrote, a power cut any pieces of it, with the former ending or nothing between them.
        """
        wanted = self.content()
        place = wanted.rfind(_BETWEEN) + len(_ROW_END)
        if place < len(_ROW_END) or len(content) > len(wanted) or content[:place] != wanted[:place]:
            return False
        rest, added = content[place:], wanted[place:]
        former = ENDING.ljust(len(rest), b"\0")
        return all(byte in (one, other, 0) for byte, one, other in zip(rest, added, former, strict=False))

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
