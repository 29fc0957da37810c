"""The chat stage in pipelines: what it asks, what it gives, what a failure tells."""

import asyncio
from typing import Any

import pytest
from stageflow import Pipeline, StageKind, StageOutput

from components import groq_llama
from components.lab.flow import context
from components.llm.chat import Message


class Said:
    """Gives a text."""

    async def execute(self, ctx: Any) -> StageOutput:
        return StageOutput.ok({"text": "from a stage"})


def run(stage: Any, **fields: Any) -> Any:
    pipeline = Pipeline().with_stage("said", Said, StageKind.TRANSFORM)
    pipeline = pipeline.with_stage("chat", stage, StageKind.AGENT, dependencies=("said",))
    return asyncio.run(pipeline.build().run(context(**fields)))


def test_it_asks_with_system_and_input_text() -> None:
    client = groq_llama.ScriptedClient(groq_llama.echo)
    results = run(groq_llama.GroqChatStage(client, system="be brief"), input_text="what time?")
    assert results["chat"].data == {"text": "what time?", "model": "scripted", "finish": "stop", "usage": None, "attempts": 1}
    assert client.asked == [(Message("system", "be brief"), Message("user", "what time?"))]


def test_it_answers_another_stage() -> None:
    client = groq_llama.ScriptedClient(groq_llama.Completion("good", "m", "stop", groq_llama.Usage(5, 1), 2))
    results = run(groq_llama.GroqChatStage(client, text_from=("said", "text")))
    assert results["chat"].data["usage"] == {"prompt_tokens": 5, "completion_tokens": 1}
    assert client.asked == [(Message("user", "from a stage"),)]


def test_a_failure_tells_what_helps() -> None:
    stage = groq_llama.GroqChatStage(groq_llama.ScriptedClient(groq_llama.RateLimited("slow down", retry_after=7.0), repeat=True))
    with pytest.raises(Exception, match="slow down"):
        run(stage, input_text="x")
    output = asyncio.run(stage.execute(context_of_a_stage("x")))
    assert output.status.value == "fail"
    assert output.data == {"error_kind": "RateLimited", "transient": True, "retry_after": 7.0, "heard": ""}


def context_of_a_stage(text: str) -> Any:
    """What a stage gets, taken from one that is run."""
    seen: list[Any] = []

    class Keeps:
        async def execute(self, ctx: Any) -> StageOutput:
            seen.append(ctx)
            return StageOutput.ok({})

    asyncio.run(Pipeline().with_stage("keeps", Keeps, StageKind.WORK).build().run(context(input_text=text)))
    return seen[0]


def test_pieces_go_where_they_are_wanted() -> None:
    pieces: list[str] = []

    async def on_text(piece: str) -> None:
        pieces.append(piece)

    run(groq_llama.GroqChatStage(groq_llama.ScriptedClient("a longer answer", piece=6), on_text=on_text), input_text="x")
    assert pieces == ["a long", "er ans", "wer"]


def test_without_a_key_the_run_fails_and_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    monkeypatch.delenv("GROQ_API_KEY_FILE", raising=False)
    with pytest.raises(Exception, match="set GROQ_API_KEY"):
        run(groq_llama.GroqChatStage(), input_text="x")
