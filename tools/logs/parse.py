"""From the bytes of a log to entries: plain lines, JSON lines, tracebacks and free text, one line in memory at a time."""

import calendar
import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Literal

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", ""]
Form = Literal["plain", "json", "text", "header", "traceback"]

LINE_LIMIT = 64 * 1024
"""Bytes of a line that are looked at."""
SNIPPET = 300
"""Characters of a line that are shown."""

_LEVELS: dict[str, Level] = {
    **dict.fromkeys(("debug", "trace", "10", "5"), "DEBUG"),
    **dict.fromkeys(("info", "information", "notice", "20"), "INFO"),
    **dict.fromkeys(("warning", "warn", "30"), "WARNING"),
    **dict.fromkeys(("error", "err", "40"), "ERROR"),
    **dict.fromkeys(("critical", "fatal", "alert", "emergency", "50"), "CRITICAL"),
}
_WORDS = "TRACE|DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|ERR|CRITICAL|FATAL"
_TIME = re.compile(r"\[?(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?\]?")
_LEVEL = re.compile(rf"[\s|:-]*(?:([A-Za-z_<][\w.<>-]*)[\s|:-]+)??(?:({_WORDS})\b|\[\s*((?i:{_WORDS}))\s*\])[\s|:\]-]*")
_LOGGER = re.compile(r"\[?([A-Za-z_]\w*(?:\.\w+)+|[A-Za-z_]\w*(?=\]|:| -| \|))\]?(?:\s*[:|-])?\s+")
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P^_X].*?(?:\x07|\x1b\\|$)|\x1b.?"  # terminal escape sequences
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"  # control characters, line separators, text direction
)
_CORRELATION = ("correlation_id", "request_id", "trace_id", "pipeline_run_id", "run_id", "session_id", "interaction_id")
_CORRELATION_TEXT = re.compile(rf"\b(?:{'|'.join(_CORRELATION)})['\"]?\s*[=:]\s*['\"]?([\w.-]{{1,80}})")
_TRACE_START = re.compile(r"[\s|+-]*(?:Exception Group )?Traceback \(most recent call last\):")
_TRACE_END = re.compile(rf"(?!(?:{_WORDS})\b)([A-Za-z_][\w.<>]*)(?:: (.*))?$")
_FRAME = re.compile(r'\s*File "(.+?)", line (\d+)(?:, in (.+))?')
_TRACE_LINK = re.compile(r"\s*(?:During handling of the above exception|The above exception was the direct cause)")


@dataclass(frozen=True, slots=True)
class Traceback:
    """One exception as it was printed.

    Attributes:
        type: dotted name of the exception.
        message: its first line.
        frame: innermost frame, `file:line in function`; empty when there was none.
        lines: first and last line number.
    """

    type: str
    message: str
    frame: str
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a log; a traceback is one entry of all its lines.

    Attributes:
        line: its number, from 1.
        form: what it looks like.
        time: seconds since 1970, or None.
        level: normalised; empty when the line has none.
        logger: name of the logger, when it is certain.
        message: what is left.
        correlation: the first correlation id found.
        traceback: what was raised, for entries that hold a traceback.
        raw: the line as shown in snippets.
    """

    line: int
    form: Form
    time: float | None
    level: Level
    logger: str
    message: str
    correlation: str
    traceback: Traceback | None
    raw: str


def entries(stream: IO[bytes]) -> Iterator[Entry]:
    """All entries of a log in order; bytes that are not UTF-8 are replaced, and nothing raises on what it reads."""
    pending: _TracebackReader | None = None
    for number, text in _lines(stream):
        if pending and not pending.take(number, text):
            yield pending.entry()
            pending = None
        elif pending:
            if pending.done:
                yield pending.entry()
                pending = None
            continue
        if _TRACE_START.match(text):
            pending = _TracebackReader(number, text)
        elif text.strip() and not _TRACE_LINK.match(text):
            yield parse_line(number, text)
    if pending:
        yield pending.entry()


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := stream.readline(LINE_LIMIT):
        number += 1
        ended = raw.endswith(b"\n")
        while not ended and (rest := stream.readline(LINE_LIMIT)):
            ended = rest.endswith(b"\n")
        yield number, clean(raw.decode("utf-8", "replace").rstrip("\r\n"))


def clean(text: str) -> str:
    """Without terminal escape sequences and control characters; tabs stay."""
    return text if text.isascii() and text.isprintable() else _CONTROL.sub("", text)


def parse_line(number: int, text: str) -> Entry:
    """The entry of one line that is not part of a traceback."""
    if text.startswith("{") and text.rstrip().endswith("}"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return _json_entry(number, text, found)
    if text.startswith("#"):
        return Entry(number, "header", None, "", "", text, "", None, text[:SNIPPET])
    time, rest = _leading_time(text)
    level = _LEVEL.match(rest)
    correlation = _CORRELATION_TEXT.search(text)
    if level is None:
        form: Form = "text" if time is None else "plain"
        return Entry(number, form, time, "", "", rest.strip() or text, correlation[1] if correlation else "", None, text[:SNIPPET])
    message = rest[level.end() :]
    logger = level[1] or ""
    if not logger and (name := _LOGGER.match(message)):
        logger, message = name[1], message[name.end() :]
    elif not logger and rest.startswith(level[2] or "\n") and message.count(":") and time is None:
        logger, _, message = _basic_format(message)
    word = _LEVELS[(level[2] or level[3]).lower()]
    return Entry(number, "plain", time, word, logger, message, correlation[1] if correlation else "", None, text[:SNIPPET])


def _basic_format(message: str) -> tuple[str, str, str]:
    """`LEVEL:logger:message`, the default of `logging.basicConfig`."""
    logger, colon, rest = message.partition(":")
    return (logger, colon, rest) if re.fullmatch(r"[\w.]+", logger) else ("", "", message)


def _leading_time(text: str) -> tuple[float | None, str]:
    found = _TIME.match(text)
    if found is None:
        return None, text
    day, hour, minute, second, fraction, zone = found.groups()
    start = _day(day)
    if start is None:
        return None, text
    seconds = start + int(hour) * 3600 + int(minute) * 60 + int(second) + (float(f"0.{fraction}") if fraction else 0.0)
    return seconds - _offset(zone), text[found.end() :]


@functools.lru_cache(maxsize=64)
def _day(text: str) -> int | None:
    year, month, day = (int(part) for part in text.split("-"))
    return calendar.timegm((year, month, day, 0, 0, 0)) if year and 1 <= month <= 12 and 1 <= day <= 31 else None


def _offset(zone: str | None) -> int:
    if not zone or zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _json_entry(number: int, text: str, found: dict[str, Any]) -> Entry:
    message = clean(str(_first(found, "message", "msg", "event", "text") or text)[:LINE_LIMIT])
    level = _LEVELS.get(str(_first(found, "level", "levelname", "severity", "lvl", "levelno") or "").lower(), "")
    logger = str(_first(found, "logger", "logger_name", "name") or "")[:120]
    inner = [value for key in ("extra", "context", "data") if isinstance(value := found.get(key), dict)]
    ids = (source[name] for name in _CORRELATION for source in (found, *inner) if source.get(name))
    raised = _first(found, "exc_info", "exception", "traceback", "stack", "exc_text")
    trace = _traceback_text(number, raised) if isinstance(raised, str) and "Traceback (most" in raised else None
    correlation = str(next(ids, ""))[:80]
    return Entry(number, "json", _json_time(found), level, logger, message, correlation, trace, text[:SNIPPET])


def _first(found: dict[str, Any], *names: str) -> Any:
    return next((found[name] for name in names if found.get(name) not in (None, "")), None)


def _json_time(found: dict[str, Any]) -> float | None:
    value = _first(found, "timestamp", "time", "ts", "@timestamp", "asctime", "created")
    if isinstance(value, str):
        return _leading_time(value)[0]
    if isinstance(value, int | float) and not isinstance(value, bool) and 1e8 < value < 1e20:
        while value > 1e11:  # milliseconds, microseconds or nanoseconds
            value /= 1000
        return float(value)
    return None


def _traceback_text(number: int, text: str) -> Traceback | None:
    reader: _TracebackReader | None = None
    last = None
    for line in clean(text).split("\n")[:2000]:
        if reader is None:
            reader = _TracebackReader(number, line) if _TRACE_START.match(line) else None
        elif not reader.take(number, line) or reader.done:
            last, reader = reader.entry().traceback, None
    return reader.entry().traceback if reader else last


class _TracebackReader:
    """Collects the lines of one traceback; only its ends are kept."""

    def __init__(self, number: int, text: str) -> None:
        self._first = self._last = number
        self._raw = text
        self._frame = ""
        self._ended: tuple[str, str] | None = None
        self._grouped = bool(re.match(r"\s*[|+]", text))
        self.done = False

    def take(self, number: int, text: str) -> bool:
        """Whether the line belongs to the traceback."""
        body = re.sub(r"^[\s|]*\|\s?|^\s*\+[-+\d\s]*", "", text) if self._grouped else text
        if self._grouped and not re.match(r"\s+[|+]", text):
            return False
        if frame := _FRAME.match(body):
            self._frame = self._frame if self._ended else f"{frame[1]}:{frame[2]} in {(frame[3] or '?').strip()}"
        elif self._ended is None and not body[:1].isspace() and body and not _TRACE_START.match(text):
            end = _TRACE_END.match(body)
            if end is None and not self._grouped:
                return False
            if end:
                self._ended = (end[1], (end[2] or "")[:SNIPPET])
                self.done = not self._grouped
        elif not body.strip() and not self._grouped:
            return False
        self._last = number
        return True

    def entry(self) -> Entry:
        """What was collected, complete or not."""
        kind, message = self._ended or ("", "")
        trace = Traceback(kind or "unknown", message, self._frame, (self._first, self._last))
        text = f"{kind}: {message}" if kind else "traceback without an end"
        return Entry(self._first, "traceback", None, "", "", text, "", trace, (text if kind else self._raw)[:SNIPPET])
