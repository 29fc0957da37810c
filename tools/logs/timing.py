"""What the timestamps of a log show: silence, steps back, and bursts."""

from collections import Counter

from tools.logs.flags import FLAGS_KEPT, LINES_KEPT, CheckResult, Flag, checked
from tools.logs.parse import Entry

SECONDS_KEPT = 200_000
"""Different seconds counted for bursts."""
BURST_LINES = 100
BURST_RATIO = 10


class Timing:
    """Gaps, order and rate of the timestamped lines."""

    def __init__(self, gap_seconds: float) -> None:
        self._gap_seconds = gap_seconds
        self._previous: Entry | None = None
        self._gaps: list[Flag] = []
        self._gap_count = 0
        self._longest = 0.0
        self._back: list[int] = []
        self._back_count = 0
        self._furthest = 0.0
        self._back_snippet = ""
        self._rates: Counter[int] = Counter()
        self._rate_lines: dict[int, int] = {}
        self._uncounted = 0
        self._earliest: float | None = None
        self._latest: float | None = None
        self._timed = 0

    def see(self, entry: Entry) -> None:
        """Take the next line."""
        now = entry.time
        if now is None:
            return
        self._timed += 1
        self._earliest = now if self._earliest is None else min(self._earliest, now)
        self._latest = now if self._latest is None else max(self._latest, now)
        self._count_second(int(now), entry.line)
        if self._previous is not None and self._previous.time is not None:
            self._compare(now - self._previous.time, self._previous, entry)
        self._previous = entry

    def _count_second(self, second: int, line: int) -> None:
        if second in self._rates or len(self._rates) < SECONDS_KEPT:
            self._rates[second] += 1
            self._rate_lines.setdefault(second, line)
        else:
            self._uncounted += 1

    def _compare(self, step: float, before: Entry, entry: Entry) -> None:
        if step > self._gap_seconds:
            self._gap_count += 1
            self._longest = max(self._longest, step)
            if len(self._gaps) < FLAGS_KEPT:
                message = f"nothing for {step:.1f} s between lines {before.line} and {entry.line}"
                self._gaps.append(Flag(pattern="gap", message=message, lines=(before.line, entry.line), snippet=before.raw))
        elif step < -0.0005:
            self._back_count += 1
            self._furthest = min(self._furthest, step)
            self._back_snippet = self._back_snippet or entry.raw
            if len(self._back) < LINES_KEPT:
                self._back.append(entry.line)

    def _needs(self) -> str:
        return "" if self._timed > 1 else "fewer than two lines have a timestamp"

    def results(self) -> list[CheckResult]:
        """The three checks."""
        span = (self._latest or 0.0) - (self._earliest or 0.0)
        gaps = checked(
            f"silence of more than {self._gap_seconds:g} s",
            self._gaps,
            needs=self._needs(),
            stats={
                "gaps": self._gap_count,
                "longest_gap_seconds": round(self._longest, 3),
                "seconds": round(span, 3),
                "timed_lines": self._timed,
            },
        ).model_copy(update={"found": self._gap_count})
        return [gaps, self._order(), self._bursts()]

    def _order(self) -> CheckResult:
        flags = []
        if self._back_count:
            message = f"{self._back_count} timestamps are earlier than the one before, by up to {-self._furthest:.3f} s"
            flags = [
                Flag(pattern="out_of_order", message=message, lines=tuple(self._back), count=self._back_count, snippet=self._back_snippet)
            ]
        return checked("timestamps out of order", flags, needs=self._needs(), stats={"out_of_order": self._back_count})

    def _bursts(self) -> CheckResult:
        rates = sorted(self._rates.values())
        median = rates[len(rates) // 2] if rates else 0
        limit = max(BURST_LINES, BURST_RATIO * median)
        flags = [
            Flag(
                pattern="burst",
                message=f"{count} lines within one second, {count / median:.0f} times the median of {median}",
                lines=(self._rate_lines[second],),
                count=count,
            )
            for second, count in self._rates.most_common()
            if count > limit
        ]
        needs = "" if len(rates) >= 5 else "timestamps cover fewer than five different seconds"
        note = f"{self._uncounted} lines lie beyond the first {SECONDS_KEPT} different seconds" if self._uncounted else ""
        stats = {"median_lines_per_second": median, "most_lines_per_second": rates[-1] if rates else 0}
        return checked("bursts of lines", flags if not needs else [], needs=needs, note=note, stats=stats)
