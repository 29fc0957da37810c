"""Operations that start must end: pairs of patterns, and correlation ids that stop half-way."""

import re
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass

from agent.core.errors import ToolFailed
from tools.logs.flags import LINES_KEPT, CheckResult, Flag, checked
from tools.logs.parse import Entry
from tools.logs.templates import Template

OPEN_KEPT = 10_000
"""Open starts per pair, and correlation ids, that are followed at once."""
_NESTED_REPEAT = re.compile(r"\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)\s*[+*{]")
_MATCHED = 2000
_USUAL = 0.9
_FEWEST_IDS = 5
_DONE = re.compile(
    r"\b(?:complet\w*|succe\w*|finish\w*|done|ended|closed|commit\w*|sent|stored|saved|responded|processed)\b", re.IGNORECASE
)


def compile_pattern(text: str) -> re.Pattern[str]:
    """A pattern that somebody wrote for a log.

    Raises:
        ToolFailed: it is no regular expression, or one that can take for ever.
    """
    if len(text) > 500 or _NESTED_REPEAT.search(text):
        raise ToolFailed(f"the pattern {text[:80]!r} is too long, or repeats a repetition", hint="Use a simpler one.")
    try:
        return re.compile(text)
    except re.error as error:
        raise ToolFailed(
            f"the pattern {text!r} is no regular expression: {error}", hint="Escape ( ) [ ] { } + * ? . | ^ $ and \\."
        ) from error


def speaks_of_an_end(text: str) -> bool:
    """Whether a message tells that something was completed."""
    return _DONE.search(text) is not None


class Pair:
    """Starts and ends of one operation; lines belong together by the groups both patterns capture, else by correlation id."""

    def __init__(self, start: str, end: str) -> None:
        self._texts = (start, end)
        self._start = compile_pattern(start)
        self._end = compile_pattern(end)
        self._grouped = self._start.groups > 0 and self._start.groups == self._end.groups
        self._open: OrderedDict[tuple[str, ...], deque[tuple[int, str]]] = OrderedDict()
        self._starts = self._ends = self._waiting = self._dropped = 0
        self._without_start: list[int] = []
        self._without_start_count = 0

    def see(self, entry: Entry) -> None:
        """Take the next line."""
        text = entry.message[:_MATCHED]
        if found := self._end.search(text):
            self._ends += 1
            self._finish(self._key(found, entry), entry.line)
        elif found := self._start.search(text):
            self._starts += 1
            if self._waiting >= OPEN_KEPT:
                self._dropped += 1
                return
            self._waiting += 1
            self._open.setdefault(self._key(found, entry), deque()).append((entry.line, entry.raw))

    def _key(self, found: re.Match[str], entry: Entry) -> tuple[str, ...]:
        return tuple(group or "" for group in found.groups()) if self._grouped else (entry.correlation,)

    def _finish(self, key: tuple[str, ...], line: int) -> None:
        waiting = self._open.get(key)
        if waiting:
            waiting.popleft()
            self._waiting -= 1
            if not waiting:
                del self._open[key]
            return
        self._without_start_count += 1
        if len(self._without_start) < LINES_KEPT:
            self._without_start.append(line)

    def result(self) -> CheckResult:
        """Starts that were left open; an end that has no start is counted, since a log may begin in the middle."""
        name = f"`{self._texts[0]}` … `{self._texts[1]}`"
        rows = sorted((line, raw) for waiting in self._open.values() for line, raw in waiting)
        never = self._starts > 0 and self._ends == 0
        flags = [
            Flag(pattern="orphaned_start", message=f"started and never ended: {name}", lines=(line,), snippet=raw) for line, raw in rows
        ]
        if never:
            message = f"started {self._starts} times, and the end was never logged: {name}"
            lines = tuple(line for line, _ in rows[:LINES_KEPT])
            flags = [Flag(pattern="missing_success", message=message, lines=lines, count=self._starts, snippet=rows[0][1] if rows else "")]
        stats = {
            "starts": self._starts,
            "ends": self._ends,
            "open": self._waiting,
            "ends_without_start": self._without_start_count,
            "lines_of_ends_without_start": self._without_start,
        }
        note = f"{self._dropped} starts were not followed: more than {OPEN_KEPT} were open" if self._dropped else ""
        return checked(
            f"pair {name}", flags, needs="" if self._starts or self._ends else "neither pattern is in the log", note=note, stats=stats
        )


@dataclass
class _Trail:
    first: int
    last: int
    seen: int
    failed: bool
    raw: str


class Correlations:
    """Which correlation ids were logged, what each of them passed through, and which lines carry none."""

    def __init__(self) -> None:
        self._trails: dict[str, _Trail] = {}
        self._not_followed = 0
        self._with: Counter[str] = Counter()
        self._without: Counter[str] = Counter()
        self._without_lines: dict[str, list[int]] = {}
        self._raw: dict[str, str] = {}

    def see(self, entry: Entry, template: Template | None) -> None:
        """Take the next line."""
        if entry.form in ("traceback", "text"):
            return
        source = entry.logger if entry.logger in self._with or len(self._with) < OPEN_KEPT else ""
        if not entry.correlation:
            self._without[source if source in self._without or len(self._without) < OPEN_KEPT else ""] += 1
            lines = self._without_lines.setdefault(source, [])
            if len(lines) < LINES_KEPT:
                lines.append(entry.line)
                self._raw.setdefault(source, entry.raw)
            return
        self._with[source] += 1
        trail = self._trails.get(entry.correlation)
        if trail is None:
            if len(self._trails) >= OPEN_KEPT:
                self._not_followed += 1
                return
            trail = self._trails[entry.correlation] = _Trail(entry.line, entry.line, 0, False, entry.raw)
        trail.last, trail.raw = entry.line, entry.raw
        trail.failed = trail.failed or entry.level in ("ERROR", "CRITICAL")
        if template is not None:
            trail.seen |= 1 << template.index

    def results(self, templates: list[Template]) -> list[CheckResult]:
        """Ids that stop half-way, and lines without an id."""
        needs = "" if self._with else "no line carries a correlation id"
        return [self._unfinished(templates, needs), self._anonymous(needs)]

    def _unfinished(self, templates: list[Template], needs: str) -> CheckResult:
        """Ids that lack a closing message which at least nine of ten ids have; those that logged an error are not silent."""
        total = len(self._trails)
        if not needs and total < _FEWEST_IDS:
            needs = f"only {total} correlation ids, at least {_FEWEST_IDS} are needed to know what is usual"
        counts = [sum(trail.seen >> t.index & 1 for trail in self._trails.values()) if speaks_of_an_end(t.text) else 0 for t in templates]
        usual = [(t, n) for t, n in zip(templates, counts, strict=True) if total and _USUAL * total <= n < total]
        flags = []
        for name, trail in self._trails.items() if not needs else ():
            lacking = [(t, n) for t, n in usual if not trail.seen >> t.index & 1]
            if lacking and not trail.failed:
                template, count = lacking[0]
                message = f"{name} never logs “{template.text[:120]}”, which {count} of {total} ids do, and no error either"
                flags.append(Flag(pattern="missing_success", message=message, lines=(trail.first, trail.last), snippet=trail.raw))
        failed = sum(trail.failed for trail in self._trails.values())
        note = f"{self._not_followed} lines have ids beyond the first {OPEN_KEPT}" if self._not_followed else ""
        return checked(
            "correlation ids that stop half-way", flags, needs=needs, note=note, stats={"correlation_ids": total, "with_errors": failed}
        )

    def _anonymous(self, needs: str) -> CheckResult:
        flags = []
        for source, without in self._without.items():
            having = self._with[source]
            if having >= without:
                message = f"{without} of {having + without} lines of {source or 'the log'} carry no correlation id, the others do"
                lines = tuple(self._without_lines.get(source, ()))
                flags.append(
                    Flag(pattern="correlation_missing", message=message, lines=lines, count=without, snippet=self._raw.get(source, ""))
                )
        stats = {"lines_with_id": self._with.total(), "lines_without_id": self._without.total()}
        return checked("lines that lost their correlation id", flags, needs=needs, stats=stats)
