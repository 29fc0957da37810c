"""A telephone line under a seed: which frames are lost and how late the others come is a function of seed and number alone."""

import asyncio
import random
from collections.abc import AsyncIterable, Awaitable, Callable
from dataclasses import dataclass

from components.audio.channel import Channel, ChannelClosed
from components.audio.speech import Frame

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Fate:
    """What the line does to one frame."""

    lost: bool
    late_ms: float


@dataclass(frozen=True)
class Line:
    """Carries frames, in order.

    Attributes:
        seed: of everything that is drawn.
        loss: share of frames that never arrive, 0 to 1.
        jitter_ms: a frame is late by 0 to so much.
        sleep: waits so many seconds; another one for tests without waiting.
    """

    seed: int = 0
    loss: float = 0.0
    jitter_ms: float = 0.0
    sleep: Sleep = asyncio.sleep

    def __post_init__(self) -> None:
        if not 0 <= self.loss <= 1 or self.jitter_ms < 0:
            raise ValueError("loss is a share from 0 to 1, jitter_ms at least 0")

    def fate(self, sequence: int) -> Fate:
        """Of the frame with that number; the same whenever it is asked."""
        drawn = random.Random(f"{self.seed}/{sequence}")
        return Fate(drawn.random() < self.loss, drawn.uniform(0, self.jitter_ms))

    async def carry(self, source: AsyncIterable[Frame], sink: Channel[Frame]) -> int:
        """Carry everything to the end and close the other side; frames that were lost. A side that was closed ends it as well."""
        lost = 0
        try:
            async for frame in source:
                fate = self.fate(frame.sequence)
                lost += fate.lost
                if fate.late_ms:
                    await self.sleep(fate.late_ms / 1000)
                if not fate.lost:
                    await sink.put(frame)
        except ChannelClosed:
            pass
        finally:
            await sink.close()
        return lost
