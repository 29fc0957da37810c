"""Speech as sound and back, channels, buffers and lines: what is conserved, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import streaming_mocks as audio
from components.audio.channel import Overflow

texts = st.text(max_size=60)
silence = [audio.frame_of(0, None)] * 10


async def stream(frames: list[audio.Frame]) -> AsyncIterator[audio.Frame]:
    for frame in frames:
        yield frame


def heard(frames: list[audio.Frame], **how: int) -> list[audio.Transcript]:
    async def listen() -> list[audio.Transcript]:
        return [result async for result in audio.StreamingSTT(**how).listen(stream(frames))]

    return asyncio.run(listen())


@given(texts)
def test_what_is_said_is_heard(text: str) -> None:
    results = heard(list(audio.frames_of(text)))
    assert [result.text for result in results if result.final] == ([text] if text else [])
    assert all(result.missing == 0 for result in results)


@given(st.text(min_size=1, max_size=40), st.sets(st.integers(0, 200), max_size=8))
def test_what_is_lost_is_missing_and_nothing_else(text: str, lost: set[int]) -> None:
    frames = list(audio.frames_of(text))
    kept = [frame for frame in frames[:-1] if frame.sequence not in lost] + frames[-1:]
    gone = len(frames) - len(kept)
    [final] = [result for result in heard(kept) if result.final]
    assert final.missing == gone and final.ms == len(frames) * audio.FRAME_MS
    assert final.text.count(audio.UNKNOWN) >= gone


def test_utterances_end_with_silence_and_partial_results_grow() -> None:
    said = [*audio.frames_of("good morning"), *silence, *audio.frames_of("bye"), *silence]
    frames = [audio.Frame(number, frame.pcm) for number, frame in enumerate(said)]
    results = heard(frames, partial_ms=100)
    assert [result.text for result in results if result.final] == ["good morning", "bye"]
    assert [result.text for result in results if not result.final] == ["good ", "good morni"]
    assert heard(silence) == []


def test_a_frame_put_together_from_others_is_missing() -> None:
    first, second = audio.frames_of("ab")
    torn = audio.Frame(1, first.pcm[:320] + second.pcm[320:])
    for wrong in (torn, audio.Frame(1, first.pcm[:-2]), audio.Frame(1, b"\x01\x00" * 320)):
        with pytest.raises(ValueError, match="frame 1"):
            audio.byte_of(wrong)
        [final] = [result for result in heard([first, wrong]) if result.final]
        assert (final.text, final.missing) == ("a" + audio.UNKNOWN, 1)


Step = Literal["put", "get", "flush", "close"]


@given(st.integers(1, 4), st.sampled_from(get_args(Overflow)), st.lists(st.sampled_from(get_args(Step)), max_size=40))
def test_a_channel_loses_and_doubles_nothing(size: int, overflow: Overflow, steps: list[Step]) -> None:
    async def play() -> None:
        channel: audio.Channel[int] = audio.Channel(size, overflow)
        taken: list[int] = []
        kept: list[int] = []
        flushed: list[int] = []
        waiting: list[asyncio.Task[Any]] = []

        async def put(number: int) -> None:
            if await channel.put(number):
                kept.append(number)

        async def get() -> None:
            taken.append(await channel.get())

        for number, step in enumerate(steps):
            match step:
                case "put":
                    waiting.append(asyncio.create_task(put(number)))
                case "get":
                    waiting.append(asyncio.create_task(get()))
                case "flush":
                    flushed += await channel.flush()
                case "close":
                    await channel.close()
            for _ in range(3):
                await asyncio.sleep(0)
            counts = channel.counts
            assert len(channel) <= size and counts.put == counts.got + counts.dropped + len(channel)
        await channel.close()
        await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 2)
        left = [item async for item in channel]
        assert taken == sorted(taken) and len(set(taken)) == len(taken)
        assert set(taken) | set(left) | set(flushed) <= set(kept)
        if overflow != "drop_oldest":
            assert sorted([*taken, *left, *flushed]) == sorted(kept)

    asyncio.run(play())


def test_a_producer_waits_for_room_and_is_told_when_it_is_too_late() -> None:
    async def play() -> None:
        channel: audio.Channel[int] = audio.Channel(1)
        await channel.put(1)
        waiting = [asyncio.create_task(channel.put(number)) for number in (2, 3)]
        await asyncio.sleep(0.01)
        assert channel.counts.waits == 2 and await channel.get() == 1
        await asyncio.sleep(0.01)
        await channel.close()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert outcomes[0] is True and isinstance(outcomes[1], audio.ChannelClosed)
        assert [item async for item in channel] == [2]

    asyncio.run(play())
    with pytest.raises(ValueError, match="at least one"):
        audio.Channel(0)


@given(st.integers(1, 10), st.integers(0, 15), st.lists(st.integers(0, 6), max_size=30))
def test_a_buffer_never_holds_more_than_it_may(target: int, more: int, reads: list[int]) -> None:
    buffer = audio.FrameBuffer(target * audio.FRAME_MS, (target + more) * audio.FRAME_MS)
    given, taken = 0, []
    for frames in reads:
        for _ in range(3):
            buffer.add(audio.frame_of(given, given % 256))
            given += 1
            assert buffer.ms <= buffer.longest_ms and buffer.ready == (buffer.ms >= buffer.target_ms)
        taken += [frame.sequence for frame in buffer.read(frames * audio.FRAME_MS)]
    assert taken == sorted(set(taken)) and given == len(taken) + buffer.dropped + buffer.ms // audio.FRAME_MS
    with pytest.raises(ValueError, match="640 bytes"):
        buffer.add(audio.Frame(0, b"half"))
    with pytest.raises(ValueError, match="target_ms"):
        audio.FrameBuffer(100, 50)


@given(st.integers(), st.floats(0, 1), st.integers(1, 20), texts)
def test_a_line_does_the_same_under_the_same_seed(seed: int, loss: float, size: int, text: str) -> None:
    async def carried() -> tuple[int, list[int], float]:
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        line = audio.Line(seed, loss, 30.0, sleep)
        sink: audio.Channel[audio.Frame] = audio.Channel(size)
        task = asyncio.create_task(line.carry(stream(list(audio.frames_of(text))), sink))
        arrived = [frame.sequence async for frame in sink]
        return await task, arrived, sum(waited)

    lost, arrived, waited = asyncio.run(carried())
    assert asyncio.run(carried()) == (lost, arrived, waited)
    assert lost + len(arrived) == len(text.encode()) and arrived == sorted(arrived)
    assert {0.0: lost == 0, 1.0: not arrived}.get(loss, True)


def test_a_line_whose_other_side_was_closed_ends() -> None:
    async def play() -> None:
        sink: audio.Channel[audio.Frame] = audio.Channel(1)
        task = asyncio.create_task(audio.Line().carry(stream(list(audio.frames_of("hello"))), sink))
        await asyncio.sleep(0.01)
        await sink.close()
        assert await asyncio.wait_for(task, 1) == 0

    asyncio.run(play())
    for wrong in ({"loss": 1.5}, {"jitter_ms": -1}):
        with pytest.raises(ValueError, match="share"):
            audio.Line(**wrong)
