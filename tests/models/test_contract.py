"""Every provider keeps the one contract: an answer, or a model error of the right kind, in time."""

import importlib.util
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.core.chat import ChatModel, Request
from agent.core.errors import ModelError, ModelRefused, ModelUnavailable
from agent.core.settings import Settings
from agent.models.faulty.behaviours import BEHAVIOURS
from agent.models.local import LocalModel
from agent.models.providers import PROVIDERS, connect
from tests.conftest import SLACK

KEY = "gsk_loopback0123456789"
LINES = [{"name": "hypotheses", "reply": {"claim": "order"}}, {"name": "cut", "reply": "half", "finish": "length"}]
SLOW = {"hang", "stall", "trickle"}


@pytest.fixture(params=sorted(PROVIDERS))
def model(
    request: pytest.FixtureRequest,
    serve: Any,
    settings_for: Callable[..., Settings],
    tmp_path: Path,
    ask: Any,
    place: Path,
    weights_of: Any,
) -> Iterator[ChatModel]:
    """Each provider over the same two answers."""
    if request.param == "local":
        local = LocalModel(weights_of("w", package="loopback_contract_{}"), place, tmp_path)
        yield local
        local.close()
        return
    script = tmp_path / "replies.jsonl"
    script.write_text("\n".join(json.dumps(line) for line in LINES))
    server = serve("good", *LINES)
    if request.param == "cassette":
        (scripted,) = connect(settings_for(server, providers=("scripted",), script=script), record=tmp_path / "tape")
        scripted.complete(ask(), seconds=5)
        scripted.complete(ask("cut", "long"), seconds=5)
    (model,) = connect(settings_for(server, providers=(request.param,), script=script, cassette=tmp_path / "tape"))
    yield model


def test_an_answer_arrives_as_it_was_given(model: ChatModel, ask: Callable[..., Request]) -> None:
    reply = model.complete(ask(), seconds=20)
    assert json.loads(reply.text) == {"claim": "order"}
    assert (reply.finish, bool(reply.model)) == ("stop", True)
    assert model.complete(ask("cut", "long"), seconds=5).finish in {"length", "stop"}


def test_a_model_says_who_it_is(model: ChatModel) -> None:
    assert model.provider in PROVIDERS
    assert model.name
    assert isinstance(model.constrains, bool)


@pytest.mark.parametrize("provider", ["groq", "openai_compatible"])
@pytest.mark.parametrize("behaviour", sorted(BEHAVIOURS))
def test_whatever_a_server_does_a_call_ends_in_time_and_in_kind(
    provider: str, behaviour: str, serve: Any, settings_for: Callable[..., Settings], ask: Callable[..., Request]
) -> None:
    server = serve(behaviour)
    (model,) = connect(settings_for(server, providers=(provider,)))
    seconds = 0.5 if behaviour in SLOW else 8.0
    started = time.monotonic()
    try:
        reply = model.complete(ask(), seconds=seconds)
    except ModelError as error:
        assert KEY not in f"{error} {error.hint} {getattr(error, 'text', '')}"
        assert len(str(error)) < 500
        assert len(getattr(error, "text", "")) <= 100 * 1024
    else:
        assert len(reply.text) <= 100 * 1024
        reply.text.encode()
        assert reply.usage is None or min(reply.usage.prompt, reply.usage.answer) >= 0
    assert time.monotonic() - started < seconds + SLACK


@pytest.mark.parametrize("provider", ["groq", "openai_compatible"])
def test_nobody_listens(provider: str, settings_for: Callable[..., Settings], ask: Callable[..., Request]) -> None:
    (model,) = connect(settings_for(None, providers=(provider,)))
    with pytest.raises(ModelUnavailable):
        model.complete(ask(), seconds=3)


def test_real_weights_that_are_not_there_are_refused_with_what_to_install(settings_for: Callable[..., Settings], ask: Any) -> None:
    (model,) = connect(settings_for(providers=("local",), model="smollm2-135m"))
    if importlib.util.find_spec("xllamacpp"):
        pytest.skip("the extra is installed")
    with pytest.raises(ModelRefused) as refused:
        model.complete(ask(), seconds=3)
    assert "[local]" in refused.value.hint
