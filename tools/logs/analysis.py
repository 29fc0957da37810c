"""All checks of one log in a single pass."""

from collections import Counter
from dataclasses import dataclass
from typing import IO, Protocol

from tools.logs.baseline import compare
from tools.logs.errors import Errors, Hidden, Repeats, Tracebacks
from tools.logs.flags import CheckResult
from tools.logs.pairs import Correlations, Pair
from tools.logs.parse import Entry, entries
from tools.logs.progress import Progress
from tools.logs.templates import TemplateTable
from tools.logs.timing import Timing

LOGGERS_KEPT = 200


@dataclass(frozen=True)
class Analysis:
    """What one pass over a log gives.

    Attributes:
        entries: entries read; a traceback is one.
        levels: level -> count, `none` for lines without one.
        forms: what lines look like -> count.
        loggers: logger -> count, the first `LOGGERS_KEPT`.
        table: the templates.
        errors: the errors with context.
        checks: what came of each check.
    """

    entries: int
    levels: dict[str, int]
    forms: dict[str, int]
    loggers: dict[str, int]
    table: TemplateTable
    errors: Errors
    checks: tuple[CheckResult, ...]


class Watcher(Protocol):
    """A check that looks at entries alone."""

    def see(self, entry: Entry) -> None:
        """Take the next entry."""


class Analyser:
    """Takes the entries of a log one after the other."""

    def __init__(self, pairs: tuple[Pair, ...], gap_seconds: float, errors_expected: bool) -> None:
        self._pairs = pairs
        self._levels: Counter[str] = Counter()
        self._forms: Counter[str] = Counter()
        self._loggers: Counter[str] = Counter()
        self._table = TemplateTable()
        self._timing = Timing(gap_seconds)
        self._correlations = Correlations()
        self._errors = Errors()
        self._progress = Progress()
        self._repeats = Repeats()
        self._hidden = Hidden(errors_expected)
        self._tracebacks = Tracebacks()
        self._watchers: tuple[Watcher, ...] = (
            self._timing,
            self._errors,
            self._progress,
            self._repeats,
            self._hidden,
            self._tracebacks,
            *pairs,
        )

    def see(self, entry: Entry) -> None:
        """Take the next entry; lines that begin with `#` describe the test and are only counted."""
        self._forms[entry.form] += 1
        if entry.form == "header":
            return
        self._levels[entry.level or "none"] += 1
        if entry.logger and (entry.logger in self._loggers or len(self._loggers) < LOGGERS_KEPT):
            self._loggers[entry.logger] += 1
        template = self._table.see(entry)
        self._correlations.see(entry, template)
        for watcher in self._watchers:
            watcher.see(entry)

    def finish(self, baseline: TemplateTable | None) -> Analysis:
        """What came of it, after the last entry."""
        checks = [
            self._repeats.result(),
            self._hidden.result(),
            self._tracebacks.result(),
            *(pair.result() for pair in self._pairs),
            *self._correlations.results(list(self._table.templates.values())),
            self._progress.result(),
            self._table.result(),
            *self._timing.results(),
        ]
        if baseline is not None:
            checks.append(compare(self._table, baseline))
        counts = (dict(self._levels.most_common()), dict(self._forms.most_common()), dict(self._loggers.most_common()))
        return Analysis(self._forms.total(), *counts, self._table, self._errors, tuple(checks))


def analyse(stream: IO[bytes], analyser: Analyser, baseline: TemplateTable | None) -> Analysis:
    """Read a whole log."""
    for entry in entries(stream):
        analyser.see(entry)
    return analyser.finish(baseline)
