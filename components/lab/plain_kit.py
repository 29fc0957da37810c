"""Plain asyncio stand-ins of what a target offers, sound by construction: what holds for them can hold for the target."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class PlainQueue:
    """A bounded queue that can be closed: `put` waits for room, `get` for an item, and gives None at the end."""

    def __init__(self, size: int) -> None:
        self._items: list[Any] = []
        self._size = size
        self._closed = False
        self._changed = asyncio.Condition()

    async def put(self, item: Any) -> bool:
        """Add an item; False when the queue is closed."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._items) < self._size or self._closed)
            if self._closed:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    async def get(self) -> Any:
        """The next item."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._items or self._closed)
            item = self._items.pop(0) if self._items else None
            self._changed.notify_all()
            return item

    async def close(self) -> None:
        """No further items: everybody who waits goes on."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()


class PlainLimiter:
    """A semaphore that says how many are inside and how many wait."""

    def __init__(self, limit: int) -> None:
        self._semaphore = asyncio.Semaphore(limit)
        self.counts = {"active_count": 0, "queued_count": 0}

    async def acquire(self) -> bool:
        """Wait for a place."""
        self.counts["queued_count"] += 1
        try:
            await self._semaphore.acquire()
        finally:
            self.counts["queued_count"] -= 1
        self.counts["active_count"] += 1
        return True

    def release(self) -> None:
        """Give the place back."""
        self.counts["active_count"] -= 1
        self._semaphore.release()

    def get_metrics(self) -> dict[str, int]:
        """The counts."""
        return dict(self.counts)


class PlainDecisions:
    """Requests that are decided by somebody else."""

    def __init__(self) -> None:
        self._decided: list[asyncio.Future[bool]] = []

    async def ask(self) -> int:
        """A new request."""
        self._decided.append(asyncio.get_running_loop().create_future())
        return len(self._decided) - 1

    async def wait(self, request: int, seconds: float) -> bool:
        """The decision.

        Raises:
            TimeoutError: there is none within the time.
        """
        return await asyncio.wait_for(asyncio.shield(self._decided[request]), seconds)

    async def decide(self, request: int, granted: bool) -> None:
        """Decide a request."""
        self._decided[request].set_result(granted)


class PlainOnce:
    """Work that is done once per key: concurrent duplicates wait and get the first success."""

    def __init__(self, work: Callable[[str], Awaitable[Any]], seconds: float = 30.0) -> None:
        self._work = work
        self._seconds = seconds
        self._locks: dict[str, asyncio.Lock] = {}
        self._done: dict[str, Any] = {}

    async def run(self, key: str, who: str) -> Any:
        """The result for the key."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._done:
                self._done[key] = await asyncio.wait_for(self._work(who), self._seconds)
            return self._done[key]


async def plain_many(work: Callable[[int], Awaitable[Any]], count: int, limit: int) -> list[Any]:
    """Results of `work(0)` … `work(count - 1)` in order, at most `limit` at once."""
    places = asyncio.Semaphore(limit)

    async def one(number: int) -> Any:
        async with places:
            return await work(number)

    return list(await asyncio.gather(*(one(number) for number in range(count))))
