"""Text to speech, as a mock whose every frame says a known byte; stops between two frames when it is told to."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Protocol

from components.audio.channel import ChannelClosed
from components.audio.line import Sleep
from components.audio.speech import FRAME_MS, Frame, frame_of


class Sink(Protocol):
    """Takes frames: a `Channel`, or Stageflow's `ChunkQueue`."""

    async def put(self, item: Frame) -> bool:
        """Take one, waiting for room; False when it was not kept."""
        ...


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said of a text.

    Attributes:
        text: what was put into the sink, whole characters only.
        ms: sound of it.
        cut: it was told to stop, or nobody listened any more, before the end.
        refused: frames that the sink did not keep.
    """

    text: str
    ms: int
    cut: bool
    refused: int


@dataclass
class StreamingTTS:
    """Says texts, one after the other, on one numbered stream.

    Attributes:
        pace: of real time; 0: as fast as the sink takes it, 1: as fast as a person speaks.
        pause_ms: silence after each text, so that a listener knows that it is over.
        sleep: waits so many seconds.
    """

    pace: float = 0.0
    pause_ms: int = 200
    sleep: Sleep = asyncio.sleep
    _number: int = 0

    async def speak(self, text: str | AsyncIterable[str], sink: Sink, stop: asyncio.Event | None = None) -> Spoken:
        """Say a text, or pieces of one as they come, until its end or until `stop` is set."""
        said, refused, cut = bytearray(), 0, False
        try:
            async for byte in _bytes(text):
                if stop is not None and stop.is_set():
                    cut = True
                    break
                refused += not await self._put(byte, sink)
                said.append(byte)
            else:
                for _ in range(self.pause_ms // FRAME_MS):
                    refused += not await self._put(None, sink)
        except ChannelClosed:
            cut = True
        return Spoken(said.decode(errors="ignore"), len(said) * FRAME_MS, cut, refused)

    async def _put(self, byte: int | None, sink: Sink) -> bool:
        if self.pace:
            await self.sleep(self.pace * FRAME_MS / 1000)
        kept = await sink.put(frame_of(self._number, byte))
        self._number += 1
        return kept


async def _bytes(text: str | AsyncIterable[str]) -> AsyncIterable[int]:
    if isinstance(text, str):
        for byte in text.encode():
            yield byte
        return
    async for piece in text:
        for byte in piece.encode():
            yield byte
