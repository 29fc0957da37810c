"""The working time of a run over all its processes; time between them, and what a wall clock says, does not count."""

import time

from agent.core.errors import RunDamaged
from agent.core.workspace import Workspace
from agent.core.written import unheard

FILE = "results/clock.json"
EVERY = 1.0
"""Seconds between two notes: a kill forgets no more than the last of them."""


class WorkClock:
    """Goes on from where the last process of the run left it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._began = self._noted = time.monotonic()
        self._earlier = earlier_seconds(workspace)

    def seconds(self) -> float:
        """Worked so far, by this process and those before it."""
        return self._earlier + time.monotonic() - self._began

    def tick(self) -> None:
        """Note it when the last note is old.

        Raises:
            WorkspaceUnwritable: the run folder cannot be written.
            LimitReached: its disk is full.
        """
        if time.monotonic() - self._noted >= EVERY:
            self.note()

    def note(self) -> None:
        """Note it; raises as `tick`."""
        self._noted = time.monotonic()
        with unheard():  # a tool that tells of its progress is not who writes this
            self._workspace.write_json(FILE, {"seconds": round(self.seconds(), 3)})


def earlier_seconds(workspace: Workspace) -> float:
    """What is noted in the run folder; 0 where nothing usable is."""
    try:
        found = workspace.read_json(FILE)
    except RunDamaged:
        return 0.0
    seconds = found.get("seconds") if isinstance(found, dict) else None
    return max(0.0, float(seconds)) if isinstance(seconds, int | float) else 0.0
