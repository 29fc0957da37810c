"""Queues between those who make sound and those who hear it: bounded, with back-pressure, closed in both directions."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Overflow = Literal["wait", "drop_oldest", "drop_newest"]


class ChannelClosed(Exception):
    """Nothing can be put any more; what was to be put is not in the channel."""


@dataclass
class Counts:
    """What went through a channel; `put == got + dropped + what it holds` at all times.

    Attributes:
        put: items that were taken in, later dropped ones included.
        got: items that were handed out.
        dropped: items that gave way to others, were refused for lack of room, or were flushed.
        waits: times that a producer had to wait for room.
        fullest: most items held at once.
    """

    put: int = 0
    got: int = 0
    dropped: int = 0
    waits: int = 0
    fullest: int = 0


@dataclass
class Channel(Generic[T]):
    """A bounded queue for one event loop; any number of producers and consumers.

    Attributes:
        size: items held at most, at least 1.
        overflow: what happens to an item that finds it full.
        counts: see `Counts`.
    """

    size: int
    overflow: Overflow = "wait"
    counts: Counts = field(default_factory=Counts)
    closed: bool = False
    _items: deque[T] = field(default_factory=deque)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("a channel holds at least one item")

    def __len__(self) -> int:
        return len(self._items)

    async def put(self, item: T) -> bool:
        """Put an item in; True unless it was dropped for lack of room.

        Raises:
            ChannelClosed: before it was in.
        """
        async with self._changed:
            if self.overflow == "wait" and len(self._items) >= self.size and not self.closed:
                self.counts.waits += 1
                await self._changed.wait_for(lambda: len(self._items) < self.size or self.closed)
            if self.closed:
                raise ChannelClosed("the channel was closed before the item was in")
            self.counts.put += 1
            if len(self._items) >= self.size:
                self.counts.dropped += 1
                if self.overflow == "drop_newest":
                    return False
                self._items.popleft()
            self._items.append(item)
            self.counts.fullest = max(self.counts.fullest, len(self._items))
            self._changed.notify_all()
            return True

    async def get(self) -> T:
        """The oldest item, waited for.

        Raises:
            ChannelClosed: it is closed and empty.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._items) or self.closed)
            if not self._items:
                raise ChannelClosed("the channel is closed and empty")
            self.counts.got += 1
            self._changed.notify_all()
            return self._items.popleft()

    async def flush(self) -> list[T]:
        """Take everything out that it holds, as dropped: nobody is to hear it any more."""
        async with self._changed:
            gone = list(self._items)
            self._items.clear()
            self.counts.dropped += len(gone)
            self._changed.notify_all()
            return gone

    async def close(self) -> None:
        """Take nothing in any more; what it holds can still be had. Whoever waits is told."""
        async with self._changed:
            self.closed = True
            self._changed.notify_all()

    async def __aiter__(self) -> AsyncIterator[T]:
        """All items until it is closed and empty."""
        while True:
            try:
                item = await self.get()
            except ChannelClosed:
                return
            yield item


@dataclass
class Duplex(Generic[T]):
    """Both directions of a call.

    Attributes:
        up: from the caller.
        down: to the caller.
    """

    up: Channel[T]
    down: Channel[T]

    @classmethod
    def of(cls, size: int, overflow: Overflow = "wait") -> "Duplex[T]":
        """Two channels of the same kind."""
        return cls(Channel(size, overflow), Channel(size, overflow))

    async def hang_up(self) -> None:
        """Close both."""
        await self.up.close()
        await self.down.close()
