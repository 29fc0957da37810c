"""The mocks as Stageflow stages: one hears a stream, one speaks into one."""

import inspect
from collections.abc import AsyncIterable, Callable
from dataclasses import asdict
from typing import Any

from stageflow import StageContext, StageKind, StageOutput

from components.audio.speech import Frame
from components.audio.stt import StreamingSTT
from components.audio.tts import Sink, StreamingTTS

Frames = Callable[[StageContext], AsyncIterable[Frame]]
Sinks = Callable[[StageContext], Sink]
PARTIAL = "audio.partial"


class ListenStage:
    """Hears the first utterance of a stream: `{"text", "ms", "missing", "partials"}`; skipped when there is none.

    Args:
        frames: of this run; a `Channel` or Stageflow's `ChunkQueue` will do.
        stt: makes the one that hears; a new one for each run.
    """

    name = "listen"
    kind = StageKind.TRANSFORM

    def __init__(self, frames: Frames, stt: Callable[[], StreamingSTT] = StreamingSTT) -> None:
        self._frames, self._stt = frames, stt

    async def execute(self, ctx: StageContext) -> StageOutput:
        """Listen until the utterance is over."""
        partials = 0
        async for heard in self._stt().listen(self._frames(ctx)):
            if heard.final:
                return StageOutput.ok({"text": heard.text, "ms": heard.ms, "missing": heard.missing, "partials": partials})
            partials += 1
            ctx.try_emit_event(PARTIAL, asdict(heard))
        return StageOutput.skip("nothing was said")


class SpeakStage:
    """Says a text of another stage: `{"text", "ms", "cut", "refused"}`, and closes the sink.

    Args:
        text_from: stage and key of the text.
        sink: of this run.
        tts: makes the one that speaks; a new one for each run.
        close: whether the sink is closed in the end, also when the stage is cancelled.
    """

    name = "speak"
    kind = StageKind.TRANSFORM

    def __init__(
        self, text_from: tuple[str, str], sink: Sinks, tts: Callable[[], StreamingTTS] = StreamingTTS, *, close: bool = True
    ) -> None:
        self._text_from, self._sink, self._tts, self._close = text_from, sink, tts, close

    async def execute(self, ctx: StageContext) -> StageOutput:
        """Say it to its end."""
        sink: Any = self._sink(ctx)
        try:
            said = await self._tts().speak(str(ctx.inputs.require_from(*self._text_from)), sink)
        finally:
            if self._close and inspect.iscoroutinefunction(getattr(sink, "close", None)):
                await sink.close()
        return StageOutput.ok(asdict(said))
