"""A buffer of sound that is filled by time and never holds more than it may."""

from dataclasses import dataclass, field

from components.audio.speech import FRAME_BYTES, FRAME_MS, Frame


@dataclass
class FrameBuffer:
    """Whole frames, the oldest of which give way when there are too many.

    Attributes:
        target_ms: sound that must be there before it is worth playing.
        longest_ms: sound held at most; a multiple of a frame is used.
        dropped: frames that gave way.
        underruns: reads that found less than they wanted.
    """

    target_ms: int = 100
    longest_ms: int = 500
    dropped: int = 0
    underruns: int = 0
    _frames: list[Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not FRAME_MS <= self.target_ms <= self.longest_ms:
            raise ValueError(f"target_ms is at least {FRAME_MS} and at most longest_ms")

    @property
    def ms(self) -> int:
        """Sound that is there."""
        return len(self._frames) * FRAME_MS

    @property
    def ready(self) -> bool:
        """Whether it is worth playing."""
        return self.ms >= self.target_ms

    def add(self, frame: Frame) -> int:
        """Take a frame in; frames that gave way for it.

        Raises:
            ValueError: it is not a whole frame.
        """
        if len(frame.pcm) != FRAME_BYTES:
            raise ValueError(f"a frame has {FRAME_BYTES} bytes, not {len(frame.pcm)}")
        self._frames.append(frame)
        excess = max(0, len(self._frames) - self.longest_ms // FRAME_MS)
        del self._frames[:excess]
        self.dropped += excess
        return excess

    def read(self, ms: int) -> list[Frame]:
        """The oldest frames of that much sound, or what there is."""
        wanted = ms // FRAME_MS
        self.underruns += wanted > len(self._frames)
        taken, self._frames = self._frames[:wanted], self._frames[wanted:]
        return taken
