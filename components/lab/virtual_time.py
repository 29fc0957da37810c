"""An event loop whose clock jumps to the next timer instead of waiting: an hour of back-off takes milliseconds."""

import asyncio
import contextlib
import selectors
import time
from collections.abc import Awaitable, Iterator
from typing import Any


class _JumpingSelector(selectors.DefaultSelector):
    """Selects what is ready now; when nothing is, moves the clock on instead of blocking."""

    clock: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            self.clock.stalled()
            return super().select(None)
        self.clock.advance(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Event loop in virtual time. Not for code that hands work to threads: the clock would not wait for them."""

    def __init__(self) -> None:
        selector = _JumpingSelector()
        selector.clock = self
        self._now = 1_000.0
        super().__init__(selector)

    def time(self) -> float:
        """Virtual seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += seconds

    def stalled(self) -> None:
        """Nothing is ready and no timer is set: only another thread or a file could wake the loop, so it waits for them."""


@contextlib.contextmanager
def clock_of(loop: VirtualLoop) -> Iterator[None]:
    """While it lasts, `time.monotonic`, `time.perf_counter` and `time.time` follow the loop's clock."""
    epoch = time.time() - loop.time()
    saved = time.monotonic, time.perf_counter, time.time
    time.monotonic = loop.time
    time.perf_counter = loop.time
    time.time = lambda: epoch + loop.time()
    try:
        yield
    finally:
        time.monotonic, time.perf_counter, time.time = saved


def run_virtual(main: Awaitable[Any]) -> Any:
    """Run `main` to its end in virtual time; `time.monotonic`, `time.perf_counter` and `time.time` follow the loop's clock.

    For use in a process of its own: it replaces the functions of the `time` module while it runs.
    """
    loop = VirtualLoop()
    with clock_of(loop):
        try:
            asyncio.set_event_loop(loop)
            return loop.run_until_complete(main)
        finally:
            asyncio.set_event_loop(None)
            loop.close()
