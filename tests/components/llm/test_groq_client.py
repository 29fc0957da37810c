"""`GroqClient` through the real SDK against servers on loopback: time-outs, retries, streams, usage, what is not said."""

import asyncio
import datetime
import email.utils
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import groq_llama
from components.llm.refusals import refusal, seconds_to_wait
from tests.components.llm.wire import Response, answer, playing, refused, streamed
from tests.conftest import SLACK

KEY = "gsk_canary0123456789"
ASKED = (groq_llama.Message("system", "be brief"), groq_llama.Message("user", "what time is it?"))


def settings(url: str, **more: Any) -> groq_llama.GroqSettings:
    return groq_llama.GroqSettings(KEY, base_url=url, **({"seconds": 5.0, "longest_wait": 0.3} | more))


def taking(pieces: list[str]) -> Callable[[str], Awaitable[None]]:
    async def on_text(piece: str) -> None:
        pieces.append(piece)

    return on_text


def said(url: str, pieces: list[str] | None = None, **more: Any) -> groq_llama.Completion:
    client = groq_llama.GroqClient(settings(url, **more))
    return asyncio.run(client.complete(ASKED, on_text=None if pieces is None else taking(pieces)))


def error_of(*responses: Response, pieces: list[str] | None = None, **more: Any) -> groq_llama.ChatError:
    with playing(*responses) as server, pytest.raises(groq_llama.ChatError) as raised:
        said(server.url, pieces, **more)
    assert KEY not in str(raised.value)
    return raised.value


def test_an_answer_with_the_usage_that_was_counted() -> None:
    with playing(answer("noon")) as server:
        got = said(server.url)
    assert got == groq_llama.Completion("noon", "llama-x", "stop", groq_llama.Usage(11, 3), 1) and got.usage
    assert got.usage.total_tokens == 14
    [body] = server.bodies
    assert body["messages"] == [{"role": "system", "content": "be brief"}, {"role": "user", "content": "what time is it?"}]
    assert (body["model"], body["max_completion_tokens"], body["temperature"]) == (groq_llama.LLAMA, 1024, 0.0)
    assert server.keys == [f"Bearer {KEY}"]


def test_usage_that_nobody_counted_is_unknown() -> None:
    with playing(answer("noon", usage=None), streamed(["no", "on"], usage=None)) as server:
        assert said(server.url).usage is None
        assert said(server.url, []).usage is None


def test_a_stream_hands_on_its_pieces_and_counts_as_the_provider_did() -> None:
    pieces: list[str] = []
    with playing(streamed(["Guten ", "Tag, ", "日本"])) as server:
        got = said(server.url, pieces)
    assert pieces == ["Guten ", "Tag, ", "日本"]
    assert got == groq_llama.Completion("Guten Tag, 日本", "llama-x", "stop", groq_llama.Usage(11, 3), 1)
    assert server.bodies[0]["stream"] is True


@pytest.mark.parametrize("wait", ["0.2", "date"])
def test_a_rate_limit_is_waited_for_as_long_as_the_provider_wants(wait: str) -> None:
    named = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)).replace(microsecond=0)
    text = email.utils.format_datetime(named, usegmt=True)
    with playing(refused(429, retry_after=text if wait == "date" else wait), answer("noon")) as server:
        began = time.monotonic()
        got = said(server.url, longest_wait=3.0)
    assert got.attempts == 2 and got.text == "noon"
    if wait == "date":
        assert datetime.datetime.now(datetime.UTC) >= named
    else:
        assert time.monotonic() - began >= 0.2


def test_a_provider_that_wants_more_than_we_wait_is_not_asked_again() -> None:
    error = error_of(refused(429, "slow down", retry_after="3600"))
    assert isinstance(error, groq_llama.RateLimited) and error.retry_after == 3600 and error.transient


def test_server_errors_are_tried_again_and_then_told() -> None:
    with playing(refused(503), refused(500), answer("noon")) as server:
        assert said(server.url).attempts == 3
    error = error_of(*[refused(502)] * 4)
    assert isinstance(error, groq_llama.ChatUnavailable) and "502" in str(error)


def test_what_a_person_must_change_is_asked_once() -> None:
    for status in (400, 401, 403, 404, 413, 422):
        assert type(error_of(refused(status, f"wrong {KEY}"))) is groq_llama.ChatRefused
    moved = Response((b"",), 307, (("location", "http://127.0.0.1:9/"),))
    assert type(error_of(moved)) is groq_llama.ChatRefused


@pytest.mark.parametrize("body", [b"not json", b"[]", b"{}", b'{"choices": 3}', b'{"choices": [{"message": {"content": 7}}]}'])
def test_an_answer_that_is_none(body: bytes) -> None:
    assert type(error_of(Response((body,), 200, (("content-type", "application/json"),)))) is groq_llama.ChatMalformed


def test_an_answer_without_text() -> None:
    assert type(error_of(answer(None))) is groq_llama.ChatMalformed


def test_a_server_that_takes_too_long() -> None:
    slow = Response((b" ",), headers=(("content-length", "5000"),), hang=60, whole=False)
    began = time.monotonic()
    error = error_of(slow, slow, seconds=0.3, attempts=2, longest_wait=0.05)
    assert isinstance(error, groq_llama.ChatTimeout) and time.monotonic() - began < SLACK


def test_a_stream_that_drips_for_ever_ends_in_time() -> None:
    pieces: list[str] = []
    error = error_of(streamed(["drip"], finish=None, hang=60), pieces=pieces, seconds=1.5)
    assert isinstance(error, groq_llama.ChatTimeout) and error.heard == "drip" and pieces == ["drip"]


@pytest.mark.parametrize("broken", [streamed(["half an "], finish=None), streamed(["half an "], finish=None, error="overloaded")])
def test_a_stream_that_broke_off_is_not_said_twice(broken: Response) -> None:
    pieces: list[str] = []
    error = error_of(broken, pieces=pieces)
    assert isinstance(error, groq_llama.ChatUnavailable) and error.heard == "half an " and pieces == ["half an "]


def test_a_stream_that_broke_off_before_its_first_word_is_asked_again() -> None:
    pieces: list[str] = []
    with playing(streamed([], finish=None), streamed(["noon"])) as server:
        assert said(server.url, pieces).attempts == 2
    assert pieces == ["noon"]


def test_nobody_there() -> None:
    with playing() as server:
        url = server.url
    with pytest.raises(groq_llama.ChatUnavailable):
        said(url, attempts=2)


def test_a_call_that_is_cancelled_lets_go_of_its_connection() -> None:
    async def cut(url: str) -> None:
        heard = asyncio.Event()

        async def hear(piece: str) -> None:
            heard.set()

        task = asyncio.create_task(groq_llama.GroqClient(settings(url)).complete(ASKED, on_text=hear))
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with playing(streamed(["a"], finish=None, hang=60)) as server:
        asyncio.run(cut(server.url))
        assert server.left.wait(SLACK)


def test_an_error_of_whoever_listens_is_his_own() -> None:
    async def deaf(piece: str) -> None:
        raise LookupError("his own")

    with playing(streamed(["a", "b"])) as server, pytest.raises(LookupError, match="his own"):
        asyncio.run(groq_llama.GroqClient(settings(server.url)).complete(ASKED, on_text=deaf))


def test_settings_of_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n", encoding="utf-8")
    made = groq_llama.GroqSettings.from_environment({"GROQ_API_KEY_FILE": str(file), "GROQ_MODEL": "m", "GROQ_BASE_URL": "http://h"})
    assert (made.api_key, made.model, made.base_url) == (KEY, "m", "http://h") and KEY not in repr(made)
    for environ in ({}, {"GROQ_API_KEY": " "}, {"GROQ_API_KEY_FILE": str(tmp_path / "absent")}):
        with pytest.raises(groq_llama.ChatRefused, match="GROQ_API_KEY"):
            groq_llama.GroqSettings.from_environment(environ)
    with pytest.raises(ValueError, match="attempts"):
        groq_llama.GroqSettings(KEY, attempts=0)


@given(st.text(max_size=40))
def test_no_header_is_waited_for_by_mistake(text: str) -> None:
    wait = seconds_to_wait({"retry-after": text})
    assert wait is None or 0 <= wait < float("inf")


@given(st.integers(300, 599), st.none() | st.integers(0, 10**6))
def test_every_status_has_a_kind(status: int, wait: int | None) -> None:
    error = refusal(status, {} if wait is None else {"retry-after": str(wait)}, "said")
    assert str(status) in str(error)
    assert error.transient == (status >= 500 or status in {408, 409, 425, 429, 498, 499})
    assert error.retry_after == (wait if error.transient else None)
