"""The voice, conversations with barge-in, and the stages in pipelines."""

import asyncio
from typing import Any

import pytest
from stageflow import Pipeline, StageKind, StageOutput

from components import groq_llama
from components import streaming_mocks as audio
from components.lab.flow import context

Call = audio.Duplex[audio.Frame]


def test_a_voice_that_is_told_to_stop_says_no_more() -> None:
    async def play() -> audio.Spoken:
        sink: audio.Channel[audio.Frame] = audio.Channel(4)
        stop = asyncio.Event()
        task = asyncio.create_task(audio.StreamingTTS().speak("a long story", sink, stop))
        await asyncio.sleep(0.01)
        stop.set()
        assert len(await sink.flush()) == 4
        return await asyncio.wait_for(task, 1)

    assert asyncio.run(play()) == audio.Spoken("a lon", 100, True, 0)


def test_a_voice_keeps_the_pace_of_a_person() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def pieces() -> Any:
        for piece in ("gu", "té"):
            yield piece

    async def play() -> audio.Spoken:
        sink: audio.Channel[audio.Frame] = audio.Channel(100)
        return await audio.StreamingTTS(pace=1.0, pause_ms=60, sleep=sleep).speak(pieces(), sink)

    assert asyncio.run(play()) == audio.Spoken("guté", 100, False, 0)
    assert waited == [0.02] * 8


async def ear(call: Call, after: float = 0.0) -> list[str]:
    await asyncio.sleep(after)
    return [heard.text async for heard in audio.StreamingSTT(partial_ms=0).listen(call.down)]


async def answer(text: str) -> str:
    return f"you said {text}"


def test_every_utterance_is_answered_in_order() -> None:
    async def play() -> tuple[list[audio.Turn], list[str]]:
        call = Call.of(20)
        voice = audio.StreamingTTS()

        async def caller() -> None:
            for text in ("one", "two"):
                await voice.speak(text, call.up)
                await asyncio.sleep(0.05)
            await call.up.close()

        turns, heard, _ = await asyncio.wait_for(asyncio.gather(audio.Conversation(call, answer).hold(), ear(call), caller()), 5)
        return turns, heard

    turns, heard = asyncio.run(play())
    assert heard == ["you said one", "you said two"]
    assert [(turn.heard.text, turn.said and turn.said.cut, turn.unheard) for turn in turns] == [("one", False, 0), ("two", False, 0)]


def test_a_caller_who_speaks_again_is_listened_to() -> None:
    async def play() -> tuple[list[audio.Turn], list[str]]:
        call = Call.of(5)
        voice = audio.StreamingTTS()

        async def caller() -> None:
            await voice.speak("one", call.up)
            await asyncio.sleep(0.02)
            await voice.speak("stop", call.up)
            await asyncio.sleep(0.1)
            await call.up.close()

        turns, heard, _ = await asyncio.wait_for(asyncio.gather(audio.Conversation(call, answer).hold(), ear(call, 0.05), caller()), 5)
        return turns, heard

    [cut, whole], heard = asyncio.run(play())
    assert cut.heard.text == "one" and cut.said is not None and cut.said.cut
    assert cut.unheard * audio.FRAME_MS == cut.said.ms, "nobody had begun to listen"
    assert whole.said is not None and whole.said.text == "you said stop" and not whole.said.cut
    assert heard[-1].endswith("you said stop")


def test_an_answer_that_is_still_thought_of_is_called_off() -> None:
    async def never(text: str) -> str:
        if text == "one":
            await asyncio.sleep(30)
        return "at once"

    async def play() -> list[audio.Turn]:
        call = Call.of(50)
        voice = audio.StreamingTTS()

        async def caller() -> None:
            await voice.speak("one", call.up)
            await voice.speak("two", call.up)
            await asyncio.sleep(0.05)
            await call.up.close()

        turns, _, _ = await asyncio.wait_for(asyncio.gather(audio.Conversation(call, never).hold(), ear(call), caller()), 5)
        return turns

    first, second = asyncio.run(play())
    assert first.said is None and second.said == audio.Spoken("at once", 140, False, 0)


def test_a_conversation_that_is_cancelled_hangs_up_and_leaves_no_task() -> None:
    async def play() -> None:
        call = Call.of(2)
        task = asyncio.create_task(audio.Conversation(call, answer).hold())
        await audio.StreamingTTS().speak("hello", call.up)
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert call.up.closed and call.down.closed
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(play())


def test_an_error_of_whoever_answers_is_told() -> None:
    async def broken(text: str) -> str:
        raise LookupError(text)

    async def play() -> None:
        call = Call.of(50)
        await audio.StreamingTTS().speak("hello", call.up)
        await call.up.close()
        await audio.Conversation(call, broken).hold()

    with pytest.raises(LookupError, match="hello"):
        asyncio.run(play())


class Guard:
    """Refuses what was not heard to its end."""

    async def execute(self, ctx: Any) -> StageOutput:
        text = ctx.inputs.require_from("listen", "text")
        return StageOutput.fail(error="not understood") if audio.UNKNOWN in text else StageOutput.ok({"text": text})


def voice_pipeline(up: Any, down: Any, client: Any) -> Any:
    """STT, guard, LLM, TTS."""
    pipeline = Pipeline().with_stage("listen", audio.ListenStage(lambda ctx: up), StageKind.TRANSFORM)
    pipeline = pipeline.with_stage("guard", Guard, StageKind.GUARD, dependencies=("listen",))
    chat = groq_llama.GroqChatStage(client, text_from=("guard", "text"))
    pipeline = pipeline.with_stage("chat", chat, StageKind.AGENT, dependencies=("guard",))
    speak = audio.SpeakStage(("chat", "text"), lambda ctx: down)
    return pipeline.with_stage("speak", speak, StageKind.TRANSFORM, dependencies=("chat",)).build()


def channels() -> list[tuple[str, Any, Any]]:
    from stageflow.helpers import ChunkQueue

    return [("ours", audio.Channel(200), audio.Channel(200)), ("ChunkQueue", ChunkQueue(max_size=200), ChunkQueue(max_size=200))]


@pytest.mark.parametrize("which", [0, 1], ids=["ours", "ChunkQueue"])
def test_a_voice_pipeline_from_sound_to_sound(which: int) -> None:
    async def play() -> tuple[Any, list[str]]:
        _, up, down = channels()[which]
        said = await audio.StreamingTTS().speak("wie spät ist es?", up)
        assert not said.cut
        results = await voice_pipeline(up, down, groq_llama.ScriptedClient(lambda asked: f"„{asked[-1].content}“")).run(context())
        return results, [heard.text async for heard in audio.StreamingSTT(partial_ms=0).listen(down)]

    results, heard = asyncio.run(play())
    assert results["listen"].data == {"text": "wie spät ist es?", "ms": 340, "missing": 0, "partials": 1}
    assert heard == ["„wie spät ist es?“"]
    assert results["speak"].data == {"text": heard[0], "ms": 460, "cut": False, "refused": 0}


def test_what_a_bad_line_lost_is_refused() -> None:
    async def play() -> None:
        near: audio.Channel[audio.Frame] = audio.Channel(200)
        far: audio.Channel[audio.Frame] = audio.Channel(200)
        await audio.StreamingTTS().speak("hello, how are you?", near)
        await near.close()
        assert await audio.Line(seed=7, loss=0.3).carry(near, far) > 0
        await voice_pipeline(far, audio.Channel(9), groq_llama.ScriptedClient("never said")).run(context())

    with pytest.raises(Exception, match="not understood"):
        asyncio.run(play())


def test_silence_is_skipped() -> None:
    async def play() -> Any:
        up: audio.Channel[audio.Frame] = audio.Channel(9)
        await up.close()
        stage = audio.ListenStage(lambda ctx: up)
        return await Pipeline().with_stage("listen", stage, StageKind.TRANSFORM).build().run(context())

    assert asyncio.run(play())["listen"].status.value == "skip"
