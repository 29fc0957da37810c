"""A conversation over a duplex: listen all the time, answer each utterance, and be silent at once when the caller speaks again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from components.audio.channel import Duplex
from components.audio.speech import Frame
from components.audio.stt import StreamingSTT, Transcript
from components.audio.tts import Spoken, StreamingTTS

Answer = Callable[[str], Coroutine[Any, Any, str]]


@dataclass(frozen=True, slots=True)
class Turn:
    """An utterance and what was said to it.

    Attributes:
        heard: the utterance.
        said: None: the caller spoke again, or hung up, before the answer began.
        unheard: frames of the answer that were taken back because the caller spoke again.
    """

    heard: Transcript
    said: Spoken | None
    unheard: int = 0


@dataclass
class Conversation:
    """Answers a caller until he hangs up.

    Attributes:
        call: both directions.
        answer: text for a text; cancelled when the caller speaks again.
        stt: hears the caller.
        tts: speaks to him.
        turns: what happened so far.
    """

    call: Duplex[Frame]
    answer: Answer
    stt: StreamingSTT = field(default_factory=StreamingSTT)
    tts: StreamingTTS = field(default_factory=StreamingTTS)
    turns: list[Turn] = field(default_factory=list)
    _replying: "Reply | None" = None

    async def hold(self) -> list[Turn]:
        """Listen and answer; all turns once the caller has hung up and the last answer is out."""
        try:
            async for heard in self.stt.listen(self._noticed()):
                if heard.final:
                    await self._be_silent()
                    self._replying = Reply(heard, asyncio.create_task(self.answer(heard.text)))
                    self._replying.begin(self.tts, self.call)
            if self._replying is not None:
                self.turns.append(await self._replying.ended())
                self._replying = None
        finally:
            await self._be_silent()
            await self.call.hang_up()
        return self.turns

    async def _noticed(self) -> AsyncIterator[Frame]:
        """The caller's frames; the first sound while an answer is under way ends that answer."""
        async for frame in self.call.up:
            if not frame.silent:
                await self._be_silent()
            yield frame

    async def _be_silent(self) -> None:
        """End the answer that is under way, and take back what the caller has not heard of it."""
        reply, self._replying = self._replying, None
        if reply is not None:
            self.turns.append(await reply.interrupted(self.call))


@dataclass
class Reply:
    """An answer that is thought of, then said.

    Attributes:
        heard: what is answered.
        thought: gives its text.
    """

    heard: Transcript
    thought: "asyncio.Task[str]"
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _spoken: "asyncio.Task[Spoken | None] | None" = None

    def begin(self, tts: StreamingTTS, call: Duplex[Frame]) -> None:
        """Say it as soon as it is thought of."""
        self._spoken = asyncio.create_task(self._say(tts, call))

    async def ended(self) -> Turn:
        """The turn, once it is said to its end.

        Raises:
            Exception: whatever the one who thinks of answers raised.
        """
        assert self._spoken is not None
        return Turn(self.heard, await self._spoken)

    async def interrupted(self, call: Duplex[Frame]) -> Turn:
        """The turn, cut off where it is; an answer that was out already is left alone."""
        assert self._spoken is not None
        if self._spoken.done():
            return await self.ended()
        self._stop.set()
        self.thought.cancel()
        unheard = await call.down.flush()  # makes room, so that one who waits for it sees the stop
        said = await self._spoken
        unheard += await call.down.flush()
        return Turn(self.heard, said, len(unheard))

    async def _say(self, tts: StreamingTTS, call: Duplex[Frame]) -> Spoken | None:
        try:
            text = await self.thought
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise
            return None
        return await tts.speak(text, call.down, self._stop)
