"""What was recorded is played back alone: replies, errors, order; never a key, never a guess."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from agent.core.chat import Message, Request
from agent.core.errors import ModelLimited, ModelMalformed, ModelRefused, ModelUnavailable, UsageError
from agent.core.settings import Settings
from agent.models.cassette import key_of
from agent.models.providers import connect

KEY = "gsk_loopback0123456789"
Make = Callable[..., Settings]


def replayed(settings_for: Make, tape: Path) -> Any:
    return connect(settings_for(providers=("cassette",), groq_key=None, openai_key=None, cassette=tape))


def test_a_recording_answers_without_the_network(serve: Any, settings_for: Make, ask: Any, tmp_path: Path) -> None:
    tape = tmp_path / "deep" / "tape.jsonl"
    server = serve("good", {"reply": "first"}, {"reply": "second"})
    (live,) = connect(settings_for(server, providers=("groq",)), record=tape)
    heard = [live.complete(ask(), seconds=5) for _ in range(2)]
    (model,) = replayed(settings_for, tape)
    assert (model.provider, model.name, model.constrains) == ("cassette", live.name, live.constrains)
    assert [model.complete(ask("another_name"), seconds=5) for _ in range(2)] == heard


@pytest.mark.parametrize("change", [{"text": "another"}, {"temperature": 0.9}, {"answer_schema": {"type": "object"}}])
def test_a_call_that_was_not_recorded_is_named(change: Any, serve: Any, settings_for: Make, ask: Any, tmp_path: Path) -> None:
    (live,) = connect(settings_for(serve(), providers=("groq",)), record=tmp_path / "tape")
    live.complete(ask(), seconds=5)
    (model,) = replayed(settings_for, tmp_path / "tape")
    with pytest.raises(ModelUnavailable, match="hypotheses"):
        model.complete(ask(**change), seconds=5)
    model.complete(ask(), seconds=5)
    with pytest.raises(ModelUnavailable, match="hypotheses"):
        model.complete(ask(), seconds=5)


@pytest.mark.parametrize(
    ("name", "kind"), [("limited_per_day", ModelLimited), ("null_content", ModelMalformed), ("forbidden", ModelRefused)]
)
def test_errors_are_played_back_with_what_they_carry(
    name: str, kind: type, serve: Any, settings_for: Make, ask: Any, tmp_path: Path
) -> None:
    (live,) = connect(settings_for(serve(name), providers=("groq",)), record=tmp_path / "tape")
    with pytest.raises(kind) as first:
        live.complete(ask(), seconds=5)
    (model,) = replayed(settings_for, tmp_path / "tape")
    with pytest.raises(kind) as again:
        model.complete(ask(), seconds=5)
    assert vars(again.value) == vars(first.value)
    assert str(again.value) == str(first.value)


def test_keys_are_in_no_recording(serve: Any, settings_for: Make, ask: Any, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    server = serve("good", {"reply": f"your key is {KEY} and plain-secret-77 and gsk_of_someone_else"})
    (live,) = connect(settings_for(server, providers=("groq",), openai_key="plain-secret-77"), record=tape)
    live.complete(ask(text=f"Here is {KEY} and Bearer abcdefgh12345678"), seconds=5)
    text = tape.read_text()
    assert not any(secret in text for secret in (KEY, "plain-secret-77", "gsk_of_someone_else", "abcdefgh12345678"))
    (model,) = replayed(settings_for, tape)
    assert model.complete(ask(text=f"Here is {KEY} and Bearer abcdefgh12345678"), seconds=5).text.startswith("your key is [key]")


def test_a_chain_is_recorded_in_its_order_and_resumes_append(serve: Any, settings_for: Make, ask: Any, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    server = serve("good")
    for _ in range(2):
        for live in connect(settings_for(server, providers=("openai_compatible", "groq"), model="m"), record=tape):
            live.complete(ask(), seconds=5)
        with tape.open("ab") as stream:
            stream.write(b'{"kind": "call", "half of a line')
    models = replayed(settings_for, tape)
    assert len(models) == 2
    for model in models:
        assert [model.complete(ask(), seconds=5).text for _ in range(2)]


@pytest.mark.parametrize("content", [None, "", '{"kind": "call"}\n', "[1]\n", '{"kind": "model", "provider": "groq"}\n'])
def test_what_is_no_recording_is_a_usage_error(content: str | None, settings_for: Make, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "tape").write_text(content)
    with pytest.raises(UsageError):
        replayed(settings_for, tmp_path / "tape")


@given(st.text(), st.text(), st.integers(1, 9), st.sampled_from(["a", "b"]))
def test_the_key_depends_on_model_messages_and_parameters_alone(one: str, two: str, tokens: int, model: str) -> None:
    def made(text: str, name: str) -> Request:
        return Request(messages=(Message(role="user", content=text),), max_tokens=tokens, name=name)

    assert key_of(model, made(one, "x")) == key_of(model, made(one, "y"))
    assert (key_of(model, made(one, "x")) == key_of(model, made(two, "x"))) == (one == two)
    assert key_of("a", made(one, "x")) != key_of("b", made(one, "x"))
    assert key_of(model, made("k3y-of-mine" + one, "x"), (SecretStr("k3y-of-mine"),)) == key_of(model, made("[key]" + one, "x"))
