"""Shares the time for searching among probes: each gets a turn, then those that reach new code of the target get more."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

SHORTEST, LONGEST = 0.4, 6.0
"""Seconds of one turn."""
DECAY = 0.5
"""Weight of the newest turn in a probe's yield; what reached nothing new for a while falls behind."""


@dataclass
class Arm:
    """One probe that can be searched.

    Attributes:
        probe: its id.
        turns: turns begun.
        harvest: new arcs of the target per turn, smoothed.
        known: features of the violations found, see `components.lab.explore`.
        busy: turns that have not ended.
        over: nothing is left to be found.
    """

    probe: str
    turns: int = 0
    harvest: float = 0.0
    known: list[list[str]] = field(default_factory=list)
    busy: int = 0
    over: bool = False

    def learn(self, rows: Sequence[dict[str, Any]], arcs: int) -> None:
        """Take in what a turn brought."""
        self.busy -= 1
        self.harvest += DECAY * (arcs - self.harvest)
        for row in rows:
            if row["verdict"] == "violated":
                self.known.append(row["features"])
            self.over = self.over or bool(row.get("over"))


@dataclass(frozen=True)
class Turn:
    """What to search next: `explore` as in a runner's job, and whom to tell what it brought."""

    probe: str
    explore: dict[str, Any]
    learn: Callable[[Sequence[dict[str, Any]], int], None]


def turns(probes: Sequence[str], seed: int, seconds: float, jobs: int) -> Iterator[Turn]:
    """Turns until `seconds` are over: one for each probe, then always the one with the richest harvest, the least searched first."""
    arms = [Arm(probe) for probe in probes]
    length = min(LONGEST, max(SHORTEST, seconds * jobs / (2 * len(arms)))) if arms else 0.0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (open_arms := [arm for arm in arms if not arm.over]):
        arm = min(open_arms, key=lambda a: (a.busy, a.turns > 0, -(a.harvest + 1) / (a.turns + 1)))
        arm.turns += 1
        arm.busy += 1
        left = max(SHORTEST, min(length, deadline - time.monotonic()))
        yield Turn(arm.probe, {"seed": seed * 1_000 + arm.turns, "seconds": left, "known": arm.known}, arm.learn)
