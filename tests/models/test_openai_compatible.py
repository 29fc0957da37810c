"""Any endpoint of this wire format, against loopback servers."""

from collections.abc import Callable
from typing import Any

import pytest

from agent.core.errors import ModelMalformed, ModelRefused, ModelTooLarge, ModelUnavailable
from agent.core.settings import Settings
from agent.models import openai_compatible
from agent.models.faulty.contract import Question, Sent, as_json, behaviour, says

Make = Callable[..., Settings]
SCHEMA = {"type": "object", "properties": {"claim": {"type": "string", "maxLength": 9}}, "required": ["claim"]}


def test_what_is_sent(serve: Any, settings_for: Make, ask: Any) -> None:
    seen: list[Question] = []

    def respond(question: Question) -> Sent:
        seen.append(question)
        return says(question, "yes")

    server = serve(behaviour("test", "", respond))
    model = openai_compatible.connect(settings_for(server, model="qwen3:8b", openai_key="some-local-key"))
    assert model.complete(ask("plan", answer_schema=SCHEMA), seconds=5).text == "yes"
    (question,) = seen
    assert (question.name, question.model, question.key, question.schema) == ("plan", "qwen3:8b", "some-local-key", SCHEMA)


def test_a_local_server_needs_no_key(serve: Any, settings_for: Make, ask: Any) -> None:
    model = openai_compatible.connect(settings_for(serve("good", {"reply": "yes"}), openai_key=None))
    assert model.complete(ask(), seconds=5).text == "yes"


@pytest.mark.parametrize("url", [None, "", "localhost:11434/v1", "ftp://127.0.0.1/v1"])
def test_without_a_usable_url_it_is_refused(url: str | None, settings_for: Make, ask: Any) -> None:
    model = openai_compatible.OpenAICompatibleModel(url, None, "m")
    with pytest.raises(ModelRefused) as refused:
        model.complete(ask(), seconds=5)
    assert "OPENAI_BASE_URL" in refused.value.hint


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999/v1", "http://"])
def test_a_malformed_url_is_a_model_error(url: str, ask: Any) -> None:
    with pytest.raises((ModelRefused, ModelUnavailable)):
        openai_compatible.OpenAICompatibleModel(url, None, "m").complete(ask(), seconds=3)


def test_an_endpoint_that_takes_no_schema_is_asked_without_from_then_on(serve: Any, settings_for: Make, ask: Any) -> None:
    def respond(question: Question) -> Sent:
        if question.schema is not None:
            return as_json({"error": "unknown field response_format"}, 400)
        return says(question, "yes")

    model = openai_compatible.connect(settings_for(serve(behaviour("test", "", respond))))
    with pytest.raises(ModelUnavailable):
        model.complete(ask(answer_schema=SCHEMA), seconds=5)
    assert model.constrains is False
    assert model.complete(ask(answer_schema=SCHEMA), seconds=5).text == "yes"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": {"code": 400, "type": "exceed_context_size_error", "message": "too many tokens"}}, ModelTooLarge),
        (400, {"object": "error", "message": "This model's maximum context length is 4096 tokens."}, ModelTooLarge),
        (404, {"error": "model 'x' not found"}, ModelRefused),
        (402, {"error": {"message": "Insufficient credits"}}, ModelRefused),
        (529, "overloaded", ModelUnavailable),
        (200, ["no", "object"], ModelMalformed),
        (200, {"choices": ["no object"]}, ModelMalformed),
        (200, {"choices": [{"message": {"content": 7}}]}, ModelMalformed),
    ],
)
def test_errors_as_other_servers_word_them(status: int, body: Any, kind: type, serve: Any, settings_for: Make, ask: Any) -> None:
    server = serve(behaviour("test", "", lambda question: as_json(body, status)))
    with pytest.raises(kind):
        openai_compatible.connect(settings_for(server)).complete(ask(), seconds=5)


def test_content_in_parts_is_joined(serve: Any, settings_for: Make, ask: Any) -> None:
    parts = {"choices": [{"message": {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, 3]}}]}
    server = serve(behaviour("test", "", lambda question: as_json(parts)))
    reply = openai_compatible.connect(settings_for(server, model="m")).complete(ask(), seconds=5)
    assert (reply.text, reply.finish, reply.usage, reply.model) == ("ab", "other", None, "m")
