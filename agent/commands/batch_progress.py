"""A batch as it goes on: counted for whoever asks from outside, shown to whoever watches."""

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from agent.core.batch import Ended, Running, Standing, keep_ended, keep_standing, now

TOLD_EVERY = 2.0
"""Seconds between two writings of the standing."""


@dataclass
class Progress:
    """What is counted.

    Attributes:
        runs: folder of runs.
        target: as it was asked for.
        total: missions set out to do.
        abreast: how many run at once.
        seconds: expected of a mission before any has ended.
        left: how many are not begun.
        ended: how those ended that did.
        running: those under way.
    """

    runs: Path
    target: str
    total: int
    abreast: int
    seconds: float
    left: int = 0
    ended: list[Ended] = field(default_factory=list)
    running: Sequence[Running] = ()
    started_at: str = field(default_factory=now)
    told: float = 0.0

    def tell(self) -> None:
        """Write the standing for whoever asks from outside."""
        self.told = time.monotonic()
        keep_standing(self.runs, self.standing())

    def standing(self) -> Standing:
        """The counts of this moment."""
        counts = Counter(row.outcome for row in self.ended)
        done = [row.seconds for row in self.ended if row.outcome == "finished"]
        each = sum(done) / len(done) if done else self.seconds
        return Standing(
            pid=os.getpid(),
            started_at=self.started_at,
            updated_at=now(),
            target=self.target,
            total=self.total,
            finished=counts["finished"],
            stopped=counts["stopped"] + counts["waiting"],
            failed=counts["failed"],
            left=self.left,
            running=tuple(self.running),
            seconds_left=round(each * (self.left + len(self.running) / 2) / self.abreast, 1),
        )


class BatchScreen:
    """Shows a batch: a table that is drawn again on a terminal, a line for each mission elsewhere."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=2) if console.is_terminal else None

    def __enter__(self) -> "BatchScreen":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *failure: object) -> None:
        if self._live:
            self._live.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def ended(self, row: Ended) -> None:
        """A mission ended: remember it, and say so."""
        keep_ended(self._progress.runs, row)
        self._progress.ended.append(row)
        tail = f"  {row.why}" if row.why else ""
        done = len(self._progress.ended)
        self.say(f"{done:>4} of {self._progress.total}  {row.outcome:<8}  {row.run or row.entry}  {row.seconds:.0f} s{tail}")

    def tick(self, running: Sequence[Running], left: int) -> None:
        """Some time has passed, or something has begun."""
        begun = {row.entry for row in running} - {row.entry for row in self._progress.running}
        self._progress.running, self._progress.left = running, left
        if not self._live:
            for row in sorted(running, key=lambda row: row.entry):
                if row.entry in begun:
                    self.say(f"      begins    {named(row)}")
        if begun or time.monotonic() - self._progress.told > TOLD_EVERY:
            self._progress.tell()

    def _table(self) -> Table:
        return standing_table(self._progress.standing())


def standing_table(standing: Standing) -> Table:
    """The counts, and a row for each mission under way."""
    table = Table(title=counts_of(standing), title_justify="left", min_width=60)
    for head in ("under way", "since"):
        table.add_column(head, no_wrap=True, min_width=len(head))
    table.add_column("doing", no_wrap=True, overflow="ellipsis")
    for row in standing.running:
        table.add_row(named(row), row.started_at[11:19], Text(row.doing))
    return table


def named(row: Running) -> str:
    """A mission, and the worker that carries it out."""
    return f"{row.entry}  on {row.worker}" if row.worker else row.entry


def counts_of(standing: Standing) -> str:
    """The counts in one line."""
    rest = f"; about {standing.seconds_left / 60:.0f} min left" if standing.running else ""
    return f"{standing.finished} finished, {standing.failed} failed, {standing.stopped} stopped, {standing.left} to go{rest}"
