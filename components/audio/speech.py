"""Speech that can be checked: a text as sound and back, byte for byte.

A mock voice says each UTF-8 byte of a text as one frame of 20 ms whose samples all have the byte's own amplitude; silence is 0. So
what was heard can be compared with what was said, and a lost frame is one byte that is missing at a known place.
"""

import array
import sys
from collections.abc import Iterator
from dataclasses import dataclass

RATE = 16_000
"""Samples a second, one channel, 16 bit, little endian: what telephone speech recognition takes."""
FRAME_MS = 20
SAMPLES = RATE * FRAME_MS // 1000
FRAME_BYTES = 2 * SAMPLES
STEP = 100
"""Amplitude between two byte values; 255 of them stay below the 32,767 of 16 bits."""
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands in a text for what was not heard."""


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of sound.

    Attributes:
        sequence: position in the stream, from 0.
        pcm: `FRAME_BYTES` bytes.
    """

    sequence: int
    pcm: bytes

    @property
    def silent(self) -> bool:
        """Nothing can be heard in it."""
        return not any(self.pcm)


def frame_of(sequence: int, byte: int | None) -> Frame:
    """The sound of a byte; of None, silence."""
    samples = array.array("h", [0 if byte is None else (byte + 1) * STEP] * SAMPLES)
    if sys.byteorder == "big":
        samples.byteswap()
    return Frame(sequence, samples.tobytes())


def frames_of(text: str, start: int = 0) -> Iterator[Frame]:
    """A text as sound, numbered from `start`."""
    return (frame_of(number, byte) for number, byte in enumerate(text.encode(), start))


def byte_of(frame: Frame) -> int | None:
    """What a frame says; None for silence.

    Raises:
        ValueError: it is no frame of this voice, for instance one that was put together from parts of others.
    """
    samples = array.array("h", frame.pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    level = samples[0] if len(samples) == SAMPLES else -1
    if set(samples) != {level} or level % STEP or not 0 <= level <= 256 * STEP:
        raise ValueError(f"frame {frame.sequence} is not one of the mock voice: {len(frame.pcm)} bytes")
    return level // STEP - 1 if level else None


def text_of(heard: list[int | None]) -> str:
    """Bytes that were heard as a text; None stands for one that is missing."""
    parts, run = [], bytearray()
    for byte in heard:
        if byte is None:
            parts += [run.decode(errors="replace"), UNKNOWN]
            run = bytearray()
        else:
            run.append(byte)
    return "".join([*parts, run.decode(errors="replace")])
