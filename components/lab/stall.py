"""Whether the machine let this process run: a time-out that fires while it did not says nothing about what is tested."""

import threading
import time
from collections import deque

EACH = 0.02
"""Seconds between two looks."""
WINDOW = 0.4
"""Seconds over which lost time is summed up: the shortest time-out of a pipeline's stages."""
STARVED = 0.1
"""Seconds lost within a window from which on a time-out is the machine's as likely as anybody's."""


class StallWatch:
    """Measures from a thread how long the process was not run although it wanted to.

    A look that comes late while the process used the processor was kept waiting by the process itself, for example by a stage that
    blocks the event loop; that time is not lost.

    Attributes:
        worst: most seconds lost within any WINDOW so far.
    """

    def __init__(self) -> None:
        self.worst = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stall-watch", daemon=True)

    def __enter__(self) -> "StallWatch":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def starved(self) -> bool:
        """Whether too much was lost for a time-out to be believed."""
        return self.worst >= STARVED

    def _watch(self) -> None:
        lost: deque[tuple[float, float]] = deque()
        at, used = time.monotonic(), time.process_time()
        while not self._ended.wait(EACH):
            now, uses = time.monotonic(), time.process_time()
            lost.append((now, max(0.0, now - at - EACH - (uses - used))))
            at, used = now, uses
            while lost[0][0] < now - WINDOW:
                lost.popleft()
            self.worst = max(self.worst, sum(seconds for _, seconds in lost))
