"""Errors of a log: each with its surroundings, repeated ones, tracebacks, and errors that hide at a harmless level."""

import itertools
import re
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from tools.logs.flags import FLAGS_KEPT, LINES_KEPT, CheckResult, Flag, checked
from tools.logs.parse import Entry, Traceback
from tools.logs.templates import mask

ERRORS_KEPT = 300
"""Errors listed with their context."""
PER_TEMPLATE = 5
"""Of these, how many of one template."""
CONTEXT = 3
"""Lines shown before and after an error."""
CHAIN_LINES = 4
"""From the end of a traceback to the start of the next one of its chain: a blank line, the link, a blank line, the start."""
REPEATS = 3
"""Equal errors in a row that count as a retry without back-off."""

_KEYWORD = re.compile(
    r"(?<!\bno )(?<!\b0 )(?<!\bzero )(?<!\bwithout )(?<!\bany )(?<!\bon )(?<!\bif )(?<!\bexpected )"
    r"\b(?:failed|failures?|errors?|exceptions?|timed out|timeout (?:exceeded|expired|reached|after|while|waiting))\b"
    r"(?!['\"]?\s*[=:]\s*['\"]?(?:0(?:\.0*)?\b|none|null|false|\[\]|\{\}|\"\"|''))(?!\s+(?:handl|polic|rate|budget|count))",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)")


def is_error(entry: Entry) -> bool:
    """Whether the line was logged as an error."""
    return entry.level in ("ERROR", "CRITICAL")


@dataclass
class _Listed:
    entry: Entry
    template: str
    before: tuple[str, ...]
    after: list[str] = field(default_factory=list)
    tracebacks: list[Traceback] = field(default_factory=list)


class Errors:
    """All lines logged as errors, and all tracebacks, the first of each sort with context."""

    def __init__(self) -> None:
        self._listed: list[_Listed] = []
        self._open: deque[_Listed] = deque()
        self._recent: deque[str] = deque(maxlen=CONTEXT)
        self._previous: _Listed | None = None
        self._traceback_line = 0
        self.templates: Counter[str] = Counter()
        self.total = 0

    def see(self, entry: Entry) -> None:
        """Take the next line."""
        for listed in self._open:
            listed.after.append(entry.raw)
        while self._open and len(self._open[0].after) >= CONTEXT:
            self._open.popleft()
        if entry.form == "traceback" and entry.traceback and entry.line == self._traceback_line:
            if self._previous:
                self._previous.tracebacks.append(entry.traceback)
            self._traceback_line = entry.traceback.lines[1] + CHAIN_LINES
        elif is_error(entry) or entry.traceback:
            self._list(entry)
        self._recent.append(entry.raw)

    def _list(self, entry: Entry) -> None:
        self.total += 1
        template = mask(entry.message)
        if template in self.templates or len(self.templates) < ERRORS_KEPT:
            self.templates[template] += 1
        self._previous = None
        if len(self._listed) < ERRORS_KEPT and self.templates.get(template, 0) <= PER_TEMPLATE:
            self._previous = _Listed(entry, template, tuple(self._recent), tracebacks=[entry.traceback] if entry.traceback else [])
            self._listed.append(self._previous)
            self._open.append(self._previous)
        self._traceback_line = entry.traceback.lines[1] + CHAIN_LINES if entry.traceback else entry.line + 1

    def document(self) -> dict[str, Any]:
        """What goes into the errors file."""
        return {
            "total": self.total,
            "listed": len(self._listed),
            "rule": f"listed: at most {PER_TEMPLATE} of one template, {ERRORS_KEPT} in all; counted: the first {ERRORS_KEPT} templates",
            "by_template": [{"template": text, "count": count} for text, count in self.templates.most_common()],
            "errors": [_row(listed) for listed in self._listed],
        }


def _row(listed: _Listed) -> dict[str, Any]:
    return {
        "line": listed.entry.line,
        "level": listed.entry.level or "none",
        "logger": listed.entry.logger,
        "message": listed.entry.message[:2000],
        "template": listed.template,
        "correlation_id": listed.entry.correlation,
        "before": list(listed.before),
        "after": listed.after,
        "tracebacks": [
            {"exception": trace.type, "message": trace.message, "innermost_frame": trace.frame, "lines": list(trace.lines)}
            for trace in listed.tracebacks
        ],
    }


class Tracebacks:
    """Tracebacks by exception type and innermost frame."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[Counter[str], list[int], str]] = {}
        self._total = 0

    def see(self, entry: Entry) -> None:
        """Take the next line."""
        trace = entry.traceback
        if trace is None:
            return
        self._total += 1
        key = (trace.type, trace.frame)
        if key in self._seen or len(self._seen) < ERRORS_KEPT:
            counts, lines, _ = self._seen.setdefault(key, (Counter(), [], f"{trace.type}: {trace.message}"))
            counts["seen"] += 1
            if len(lines) < LINES_KEPT:
                lines.append(trace.lines[0])

    def result(self) -> CheckResult:
        """One flag for each place that raised."""
        flags = [
            Flag(
                pattern="traceback",
                message=f"{kind} raised {'in ' + frame if frame else 'in an unknown place'}",
                lines=tuple(lines),
                count=counts["seen"],
                snippet=snippet,
            )
            for (kind, frame), (counts, lines, snippet) in self._seen.items()
        ]
        return checked("tracebacks", flags, stats={"tracebacks": self._total, "places": len(flags)})


class Repeats:
    """The same error several times in a row, about the same thing, at intervals that do not grow."""

    def __init__(self) -> None:
        self._template = ""
        self._key: tuple[str, ...] = ()
        self._lines: list[int] = []
        self._times: list[float] = []
        self._count = 0
        self._raw = ""
        self._flags: list[Flag] = []
        self._errors = 0
        self.found = 0

    def see(self, entry: Entry) -> None:
        """Take the next line."""
        if not is_error(entry):
            return
        self._errors += 1
        template = mask(entry.message)
        key = (template, entry.correlation, *_SUBJECT.findall(entry.message[:2000]))
        if key != self._key:
            self._close()
            self._key, self._template, self._raw, self._count, self._lines, self._times = key, template, entry.raw, 0, [], []
        self._count += 1
        if len(self._lines) < LINES_KEPT:
            self._lines.append(entry.line)
            self._times += [entry.time] if entry.time is not None else []

    def _close(self) -> None:
        if self._count < REPEATS or _backs_off(self._times):
            return
        self.found += 1
        if len(self._flags) < FLAGS_KEPT:
            pace = f", {(self._times[-1] - self._times[0]) / (len(self._times) - 1):.3f} s apart" if len(self._times) > 1 else ""
            message = f"the same error {self._count} times in a row{pace}: {self._template[:160]}"
            self._flags.append(
                Flag(pattern="duplicate_errors", message=message, lines=tuple(self._lines), count=self._count, snippet=self._raw)
            )

    def result(self) -> CheckResult:
        """Runs of equal errors; runs whose intervals grow are back-off and not flagged."""
        self._close()
        self._count = 0
        needs = "" if self._errors else "no line was logged as an error"
        return checked("equal errors in a row without growing intervals", self._flags, needs=needs).model_copy(update={"found": self.found})


def _backs_off(times: list[float]) -> bool:
    steps = [after - before for before, after in itertools.pairwise(times)]
    return len(steps) >= 2 and all(after > 1.3 * before for before, after in itertools.pairwise(steps))


class Hidden:
    """Messages that speak of a failure at DEBUG or INFO, and, for a test that should pass, every error."""

    def __init__(self, errors_expected: bool) -> None:
        self._errors_expected = errors_expected
        self._seen: dict[str, tuple[list[int], list[int], str, str]] = {}
        self._keyword_lines = 0

    def see(self, entry: Entry) -> None:
        """Take the next line."""
        harmless = entry.level in ("DEBUG", "INFO") and _KEYWORD.search(entry.message[:2000]) is not None
        self._keyword_lines += harmless
        if not harmless and (self._errors_expected or not is_error(entry)):
            return
        template = mask(entry.message)
        if template in self._seen or len(self._seen) < ERRORS_KEPT:
            count, lines, _, _ = self._seen.setdefault(template, ([0], [], entry.level, entry.raw))
            count[0] += 1
            if len(lines) < LINES_KEPT:
                lines.append(entry.line)

    def result(self) -> CheckResult:
        """One flag for each template."""
        flags = [
            Flag(
                pattern="unexpected_error",
                message=f"{_why(level)}: {text[:160]}",
                lines=tuple(lines),
                count=count[0],
                snippet=raw,
            )
            for text, (count, lines, level, raw) in self._seen.items()
        ]
        what = "failures told at a harmless level" + ("" if self._errors_expected else ", and errors in a test that should pass")
        return checked(what, flags, stats={"failure_words_below_warning": self._keyword_lines})


def _why(level: str) -> str:
    return f"speaks of a failure at {level}" if level in ("DEBUG", "INFO") else f"{level} in a test that should pass"
