"""Sound in a pipeline: through queue and buffer of Stageflow, and in the control through those of the components."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from stageflow.helpers import AudioChunk, ChunkQueue, StreamingBuffer

from components.audio.channel import Channel
from components.audio.speech import FRAME_BYTES, FRAME_MS, RATE, Frame, frames_of
from components.audio.stt import StreamingSTT
from components.lab.trial import Request

ROOM = 8
"""Frames that a queue holds; whoever speaks waits for room."""
LONGEST_MS = 60_000
"""More sound than any text makes, so that a buffer has no reason to drop some."""


async def heard(text: str, request: Request) -> str:
    """What is understood of a text that is said into a queue while it is listened to."""
    return await understood(through_queue(text, request.on_stageflow))


async def spoken(text: str, request: Request) -> str:
    """What is understood of a text that is said through a queue and played out of a buffer."""
    if not request.on_stageflow:
        return await heard(text, request)
    buffer = StreamingBuffer(target_duration_ms=FRAME_MS, max_duration_ms=LONGEST_MS, sample_rate=RATE)
    async for frame in through_queue(text, on_stageflow=True):
        buffer.add_chunk(AudioChunk(data=frame.pcm, sample_rate=RATE, sequence=frame.sequence))
    return await understood(played(buffer))


async def through_queue(text: str, on_stageflow: bool) -> AsyncIterator[Frame]:
    """The frames of a text as they come out of a queue that is smaller than the text."""
    queue: Any = ChunkQueue(max_size=ROOM) if on_stageflow else Channel[Frame](ROOM)
    speaking = asyncio.create_task(said(text, queue))
    try:
        async for frame in queue:
            yield frame
        await speaking
    finally:
        speaking.cancel()


async def said(text: str, queue: Any) -> None:
    """Say a text and close the queue."""
    for frame in frames_of(text):
        await queue.put(frame)
    await queue.close()


async def played(buffer: StreamingBuffer) -> AsyncIterator[Frame]:
    """The frames of a buffer as a loudspeaker takes them."""
    number = 0
    while len(pcm := buffer.read(FRAME_MS)) == FRAME_BYTES:
        yield Frame(number, pcm)
        number += 1


async def understood(frames: AsyncIterator[Frame]) -> str:
    """The text of all utterances."""
    return "".join([result.text async for result in StreamingSTT(partial_ms=0).listen(frames) if result.final])
