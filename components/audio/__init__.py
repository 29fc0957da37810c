"""Streaming speech without a provider: mocks whose words can be checked, duplex channels, bounded buffers, a line under a seed.

call = Duplex.of(size=50)
turns = await Conversation(call, answer).hold()
"""

from components.audio.buffer import FrameBuffer
from components.audio.channel import Channel, ChannelClosed, Counts, Duplex
from components.audio.conversation import Conversation, Turn
from components.audio.line import Fate, Line
from components.audio.speech import FRAME_BYTES, FRAME_MS, RATE, UNKNOWN, Frame, byte_of, frame_of, frames_of, text_of
from components.audio.stages import ListenStage, SpeakStage
from components.audio.stt import StreamingSTT, Transcript
from components.audio.tts import Sink, Spoken, StreamingTTS

__all__ = [
    "FRAME_BYTES",
    "FRAME_MS",
    "RATE",
    "UNKNOWN",
    "Channel",
    "ChannelClosed",
    "Conversation",
    "Counts",
    "Duplex",
    "Fate",
    "Frame",
    "FrameBuffer",
    "Line",
    "ListenStage",
    "Sink",
    "SpeakStage",
    "Spoken",
    "StreamingSTT",
    "StreamingTTS",
    "Transcript",
    "Turn",
    "byte_of",
    "frame_of",
    "frames_of",
    "text_of",
]
