"""What every chat client keeps, whoever answers; and the stage over each of them."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stageflow import Pipeline, StageKind

from agent.models.local_server import Server
from components import groq_llama
from components.lab.flow import context
from components.llm.chat import ChatClient, Message
from tests.components.llm.wire import answer, playing, refused, streamed
from tests.serving import serving

TEXT = "Es ist zwölf Uhr mittags, 正午です。"
ASKED = (Message("user", "what time is it?"),)
Made = contextlib.AbstractContextManager[ChatClient]


@contextlib.contextmanager
def over_groq(tmp_path: Path) -> Iterator[ChatClient]:
    with playing(answer(TEXT), streamed([TEXT[:9], TEXT[9:]]), refused(401)) as server:
        yield groq_llama.GroqClient(groq_llama.GroqSettings("gsk_key", base_url=server.url))


@contextlib.contextmanager
def scripted(tmp_path: Path) -> Iterator[ChatClient]:
    yield groq_llama.ScriptedClient(TEXT, lambda messages: TEXT, groq_llama.ChatRefused("HTTP 401"))


@contextlib.contextmanager
def from_cassette(tmp_path: Path) -> Iterator[ChatClient]:
    tape = tmp_path / "tape/calls.jsonl"

    async def record(client: ChatClient) -> None:
        taped = groq_llama.RecordingClient(client, tape)
        await taped.complete(ASKED)
        await taped.complete(ASKED, on_text=nothing)
        with pytest.raises(groq_llama.ChatRefused):
            await taped.complete(ASKED)

    with over_groq(tmp_path) as client:
        asyncio.run(record(client))
    assert "gsk_key" not in tape.read_text(encoding="utf-8")
    yield groq_llama.CassetteClient(tape)


@contextlib.contextmanager
def on_this_machine(tmp_path: Path) -> Iterator[ChatClient]:
    """The server of the extra [local], with a runtime that needs no weights."""
    calls: list[dict[str, Any]] = []

    def complete(request: dict[str, Any]) -> dict[str, Any]:
        calls.append(request)
        if len(calls) > 2:
            return {"error": {"message": "no", "code": 401}}
        choice = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
        return {"id": "c", "object": "chat.completion", "created": 1, "choices": [choice]}

    with serving(Server(complete, "tiny")) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        yield groq_llama.GroqClient(groq_llama.GroqSettings("none", model="tiny", base_url=url, streams=False))


async def nothing(piece: str) -> None:
    """Takes a piece and forgets it."""


CLIENTS: tuple[Callable[[Path], Made], ...] = (over_groq, scripted, from_cassette, on_this_machine)
every = pytest.mark.parametrize("made", CLIENTS, ids=lambda made: made.__name__)


@every
def test_an_answer_a_stream_and_a_refusal(made: Callable[[Path], Made], tmp_path: Path) -> None:
    async def play(client: ChatClient) -> None:
        first = await client.complete(ASKED)
        assert (first.text, first.finish, first.attempts) == (TEXT, "stop", 1) and first.model
        pieces: list[str] = []

        async def on_text(piece: str) -> None:
            pieces.append(piece)

        second = await client.complete(ASKED, on_text=on_text)
        assert second.text == TEXT == "".join(pieces)
        with pytest.raises(groq_llama.ChatRefused, match="401"):
            await client.complete(ASKED)

    with made(tmp_path) as client:
        asyncio.run(play(client))


@every
def test_the_same_stage_runs_on_it(made: Callable[[Path], Made], tmp_path: Path) -> None:
    with made(tmp_path) as client:
        data = ran(groq_llama.GroqChatStage(client, messages=lambda ctx: ASKED))["chat"].data
    assert (data["text"], data["finish"], data["attempts"]) == (TEXT, "stop", 1)


def ran(stage: Any, **fields: Any) -> Any:
    return asyncio.run(Pipeline().with_stage("chat", stage, StageKind.AGENT).build().run(context(**fields)))


def test_a_script_that_is_over_says_so() -> None:
    client = groq_llama.ScriptedClient("once")
    asyncio.run(client.complete(ASKED))
    with pytest.raises(groq_llama.ChatUnavailable, match="no line is left"):
        asyncio.run(client.complete(ASKED))


def test_a_cassette_knows_only_what_was_asked(tmp_path: Path) -> None:
    tape = tmp_path / "tape.jsonl"
    with pytest.raises(groq_llama.ChatMalformed, match=r"tape\.jsonl"):
        groq_llama.CassetteClient(tape)
    tape.write_text("[1]\n", encoding="utf-8")
    with pytest.raises(groq_llama.ChatMalformed, match="no recording"):
        groq_llama.CassetteClient(tape)
    tape.write_text("", encoding="utf-8")
    with pytest.raises(groq_llama.ChatUnavailable):
        asyncio.run(groq_llama.CassetteClient(tape).complete(ASKED))
