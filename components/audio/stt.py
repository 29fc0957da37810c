"""Speech to text, as a mock that hears exactly what was said, says what it did not hear, and gives partial results on the way."""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field

from components.audio.speech import FRAME_MS, Frame, byte_of, text_of


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard of one utterance so far.

    Attributes:
        text: with a replacement character for each byte that is missing.
        final: the utterance is over.
        ms: sound that was heard.
        missing: frames that did not come, or could not be understood.
    """

    text: str
    final: bool
    ms: int
    missing: int


@dataclass
class StreamingSTT:
    """Hears one stream.

    Attributes:
        silence_ms: so much silence ends an utterance; the end of the stream does so too.
        partial_ms: a partial result after every so much sound; 0: none.
    """

    silence_ms: int = 200
    partial_ms: int = 200
    _heard: list[int | None] = field(default_factory=list)
    _missing: int = 0
    _quiet: int = 0
    _next: int = 0

    async def listen(self, frames: AsyncIterable[Frame]) -> AsyncIterator[Transcript]:
        """Partial and final results; a gap in the numbers of the frames, from 0, before or in speech counts as missing sound."""
        async for frame in frames:
            for result in self.take(frame):
                yield result
        if self._heard:
            yield self._ended()

    def take(self, frame: Frame) -> list[Transcript]:
        """What one more frame comes to."""
        gap = max(0, frame.sequence - self._next)
        self._next = frame.sequence + 1
        if self._heard or not frame.silent:
            self._lost(gap)
        try:
            byte = byte_of(frame)
        except ValueError:
            self._lost(1)
            return []
        if byte is None:
            return self._silence()
        self._quiet = 0
        self._heard.append(byte)
        due = self.partial_ms and len(self._heard) * FRAME_MS % self.partial_ms == 0
        return [self._so_far(final=False)] if due else []

    def _lost(self, frames: int) -> None:
        self._missing += frames
        self._heard += [None] * frames

    def _silence(self) -> list[Transcript]:
        self._quiet += FRAME_MS
        return [self._ended()] if self._heard and self._quiet >= self.silence_ms else []

    def _so_far(self, final: bool) -> Transcript:
        return Transcript(text_of(self._heard), final, len(self._heard) * FRAME_MS, self._missing)

    def _ended(self) -> Transcript:
        result = self._so_far(final=True)
        self._heard, self._missing, self._quiet = [], 0, 0
        return result
