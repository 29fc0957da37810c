"""The line format of a ledger, and a reader that goes on where it stopped and never trips over damage.

A line is `{"seq":1,"at":"…","kind":"…","key":"…","data":{…},"crc":"0a1b2c3d"}`. `seq` is the line's number, and `crc` the CRC-32
of the line up to the comma before it, with `}` in its place. Members of `data` are set apart by a comma and a tab; a tab cannot
stand inside a JSON string, so that `data` can be re-indented without parsing it.
"""

import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from agent.core.errors import RunDamaged
from agent.core.harmless import shown_json
from agent.core.secrets import without_secrets

_STRING = rb'"([^"\\]*(?:\\.[^"\\]*)*)"'
_HEAD = re.compile(rb'\{"seq":(\d{1,18}),"at":"([^"\\]*)","kind":%s,"key":%s,"data":(?=\{)' % (_STRING, _STRING))
_COMPARED = 64
"""Bytes in front of the place to go on from that must be what they were; they hold a checksum."""
_BLOCK = 1 << 22
"""Bytes that are searched at a time."""
_SEAL_BYTES = len(',"crc":"00000000"}')


class LedgerRecord(NamedTuple):
    """One complete line; a named tuple because a large ledger makes ten thousand of them before it can add one more.

    Attributes:
        seq: number of its line, from 1.
        at: when it was written (UTC, ISO 8601).
        kind: what sort of record.
        key: unique within the kind.
        payload: `data` as it stands in the file.
    """

    seq: int
    at: str
    kind: str
    key: str
    payload: bytes

    @property
    def data(self) -> dict[str, Any]:
        """What was recorded, parsed anew each time."""
        found: dict[str, Any] = json.loads(self.payload)
        return found


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line that is not a record, or no longer the one that was written.

    Attributes:
        line: its number, from 1.
        reason: what is wrong with it.
        text: how it begins.
    """

    line: int
    reason: str
    text: str


def encode_data(data: object) -> bytes:
    """`data` as it stands in a ledger line."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",\t", ": "), default=str)
    return without_secrets(shown_json(text)).encode("utf-8")


def encode_line(seq: int, at: str, kind: str, key: str, payload: bytes) -> bytes:
    """One line, newline included."""
    head = f'{{"seq":{seq},"at":"{at}","kind":{json.dumps(kind)},"key":{json.dumps(key)},"data":'
    body = head.encode("ascii") + payload + b"}"
    return body[:-1] + b',"crc":"%08x"}\n' % zlib.crc32(body)


def decode_line(line: bytes, number: int) -> LedgerRecord | Damaged:
    """The record of a line without its newline."""
    head = _HEAD.match(line)
    if head is None:
        return Damaged(number, "not a ledger line", line[:80].decode("utf-8", "replace"))
    if not line.endswith(b',"crc":"%08x"}' % zlib.crc32(b"}", zlib.crc32(line[:-_SEAL_BYTES]))):
        return Damaged(number, "cut short, or not as it was written", line[:80].decode("utf-8", "replace"))
    seq, at, kind, key = head.groups()
    if b"\\" in kind or b"\\" in key:
        return LedgerRecord(int(seq), at.decode(), json.loads(b'"%s"' % kind), json.loads(b'"%s"' % key), line[head.end() : -_SEAL_BYTES])
    return LedgerRecord(int(seq), at.decode(), kind.decode(), key.decode(), line[head.end() : -_SEAL_BYTES])


def bytes_before(path: Path, offset: int) -> bytes:
    """What a reader that goes on from there has to find in front of it."""
    with path.open("rb") as stream:
        stream.seek(max(0, offset - _COMPARED))
        return stream.read(min(offset, _COMPARED))


def find_line(path: Path, kind: str, key: str) -> LedgerRecord | None:
    """The first record of that kind and key, found by its bytes; the other lines are not parsed."""
    wanted = f'"kind":{json.dumps(kind)},"key":{json.dumps(key)},"data":{{'.encode("ascii")
    rest = b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            lines, newline, rest = (rest + block).rpartition(b"\n")
            lines += newline
            place = lines.find(wanted)
            while place >= 0:
                end = lines.find(b"\n", place)
                found = decode_line(lines[lines.rfind(b"\n", 0, place) + 1 : end], 0)
                if isinstance(found, LedgerRecord) and (found.kind, found.key) == (kind, key):
                    return found
                place = lines.find(wanted, end)
    return None


class LedgerReader:
    """Reads a ledger piece by piece; a last line that is still being written is left for the next time.

    Attributes:
        offset: how far the file has been read.
        lines: how many lines have been read.
        crc: CRC-32 of all that has been read.
        starts: how often reading began anew, because what had been read is no longer there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.starts = 0
        self.start_at(0, 0, 0, b"")

    def start_at(self, offset: int, lines: int, crc: int, before: bytes) -> None:
        """Go on from the end of a line, with `before` in front of it."""
        self.offset = offset
        self._before = before[-_COMPARED:]
        self.lines = lines
        self.crc = crc
        self._open = False

    def read(self) -> list[LedgerRecord | Damaged]:
        """All lines since the last call; everything again when the file does not go on from what had been read."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self.offset - len(self._before))
                if stream.read(len(self._before)) != self._before:
                    self._start_anew()
                    stream.seek(0)
                chunk = stream.read()
        except FileNotFoundError:
            if self.offset:
                self._start_anew()
            return []
        except (IsADirectoryError, PermissionError) as error:
            raise RunDamaged(f"{self._path} cannot be read: {error.strerror}", hint="`python -m agent runs verify` tells more.") from error
        return self._lines(chunk)

    def _start_anew(self) -> None:
        self.starts += 1
        self.start_at(0, 0, 0, b"")

    def _lines(self, chunk: bytes) -> list[LedgerRecord | Damaged]:
        *complete, rest = chunk.split(b"\n")
        if self._open and complete and not complete[0]:
            del complete[0]
        self._open = self._open and not chunk
        found = [decode_line(line, self.lines + number) for number, line in enumerate(complete, 1)]
        self.lines += len(complete)
        taken = len(chunk) - len(rest)
        last = decode_line(rest, self.lines + 1) if rest else None
        if isinstance(last, LedgerRecord):
            self._open = True
            self.lines += 1
            taken = len(chunk)
            found.append(last)
        self.offset += taken
        self.crc = zlib.crc32(memoryview(chunk)[:taken], self.crc)
        self._before = (self._before + chunk[max(0, taken - _COMPARED) : taken])[-_COMPARED:]
        return found
