"""Groq through its SDK against loopback servers: names, bodies, kinds of failure, time."""

import json
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from agent.core.errors import ModelError, ModelLimited, ModelMalformed, ModelRefused, ModelTooLarge, ModelUnavailable
from agent.core.settings import Settings
from agent.models import groq
from agent.models.faulty.contract import Question, Sent, behaviour, completion, refuses, says
from agent.models.providers import notices
from tests.conftest import SLACK

KEY = "gsk_loopback0123456789"
NEW, OLD = "openai/gpt-oss-20b", "llama-3.1-8b-instant"
SCHEMA = {
    "type": "object",
    "properties": {"claim": {"type": "string", "maxLength": 200}, "kind": {"enum": ["order", "loss"], "type": "string"}},
    "required": ["claim"],
}
Make = Callable[..., Settings]


def plays(respond: Callable[[Question], Sent]) -> Any:
    return behaviour("test", "as the test says", respond)


def error_of(model: groq.GroqModel, request: Any, seconds: float = 5) -> ModelError:
    with pytest.raises(ModelError) as raised:
        model.complete(request, seconds=seconds)
    return raised.value


def test_a_retired_model_is_replaced_by_its_successor_and_says_so(serve: Any, settings_for: Make, ask: Any) -> None:
    model = groq.connect(settings_for(serve("good", {"reply": "yes"})))
    assert (model.name, model.constrains) == (NEW, True)
    assert OLD in notices([model])[0]
    assert NEW in notices([model])[0]
    assert model.complete(ask(), seconds=5).model == NEW


def test_a_listed_model_is_asked_even_if_the_catalogue_thinks_it_is_retired(serve: Any, settings_for: Make) -> None:
    model = groq.connect(settings_for(serve(listed=(OLD, NEW))))
    assert (model.name, model.notices, model.constrains) == (OLD, (), False)


def test_a_model_that_nobody_knows_is_asked_for_all_the_same(serve: Any, settings_for: Make, ask: Any) -> None:
    model = groq.connect(settings_for(serve("model_retired"), model="someone/new-model"))
    assert model.name == "someone/new-model"
    assert "someone/new-model" in model.notices[0]
    refused = error_of(model, ask())
    assert isinstance(refused, ModelRefused)
    assert "--model" in refused.hint


def test_a_list_that_cannot_be_read_leaves_the_catalogue(serve: Any, settings_for: Make) -> None:
    model = groq.connect(settings_for(serve("bad_list")))
    assert model.name == NEW
    assert "could not be read" in model.notices[0]


def test_a_base_url_may_hold_the_path_already(serve: Any, settings_for: Make, ask: Any) -> None:
    server = serve("good", {"reply": "yes"})
    model = groq.connect(settings_for(server, groq_base_url=f"{server.url}/openai/v1/"))
    assert model.complete(ask(), seconds=5).text == "yes"


def test_without_a_key_nothing_is_sent(settings_for: Make, ask: Any) -> None:
    model = groq.connect(settings_for(groq_key=None))
    assert "GROQ_API_KEY" in error_of(model, ask()).hint


def test_a_key_that_no_header_can_hold_is_refused(serve: Any, settings_for: Make, ask: Any) -> None:
    assert isinstance(error_of(groq.connect(settings_for(serve(), groq_key="gsk_ä\n1234567")), ask()), ModelRefused)


def test_what_is_sent(serve: Any, settings_for: Make, ask: Any) -> None:
    seen: list[Question] = []

    def respond(question: Question) -> Sent:
        seen.append(question)
        return says(question, "{}")

    model = groq.connect(settings_for(serve(plays(respond))))
    model.complete(ask("plan_tests", answer_schema=SCHEMA), seconds=5)
    (question,) = seen
    assert (question.name, question.key, question.model, question.prompt) == ("plan_tests", KEY, NEW, "What could break?")
    assert question.schema == {
        "type": "object",
        "properties": {"claim": {"type": "string"}, "kind": {"enum": ["order", "loss"], "type": "string"}},
        "required": ["claim", "kind"],
        "additionalProperties": False,
    }


def test_a_reply_carries_usage_and_limits_and_nothing_else(serve: Any, settings_for: Make, ask: Any) -> None:
    headers = (("X-RateLimit-Remaining-Tokens", "5400"), ("retry-after", "1"), ("retry-after", "30"), ("set-cookie", "secret=1"))

    def respond(question: Question) -> Sent:
        body = completion(question, "yes", usage={"prompt_tokens": 12, "completion_tokens": 3})
        return Sent(json.dumps(body).encode(), headers=headers)

    reply = groq.connect(settings_for(serve(plays(respond)))).complete(ask(), seconds=5)
    assert reply.headers == {"x-ratelimit-remaining-tokens": "5400", "retry-after": "30"}
    assert reply.usage is not None
    assert (reply.usage.prompt, reply.usage.answer) == (12, 3)


@pytest.mark.parametrize(
    ("name", "kind", "retry_after", "scope"),
    [
        ("limited", ModelLimited, 2.0, "minute"),
        ("limited_bare", ModelLimited, None, "unknown"),
        ("limited_by_reset", ModelLimited, 7.66, "minute"),
        ("limited_per_day", ModelLimited, 43143.0, "day"),
    ],
)
def test_limits(name: str, kind: type, retry_after: float | None, scope: str, serve: Any, settings_for: Make, ask: Any) -> None:
    limited = error_of(groq.connect(settings_for(serve(name))), ask())
    assert isinstance(limited, ModelLimited)
    assert (limited.retry_after, limited.scope) == (retry_after, scope)


def test_a_limit_until_a_date(serve: Any, settings_for: Make, ask: Any) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True)
    server = serve(plays(lambda question: refuses(429, "slow down", "rate_limit_exceeded", ("retry-after", until))))
    limited = error_of(groq.connect(settings_for(server)), ask())
    assert isinstance(limited, ModelLimited)
    assert limited.retry_after == pytest.approx(3 * 3600, abs=30)
    assert limited.scope == "day"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("too_large", ModelTooLarge),
        ("context_length", ModelTooLarge),
        ("server_error", ModelUnavailable),
        ("flapping", ModelUnavailable),
        ("unauthorised", ModelRefused),
        ("forbidden", ModelRefused),
        ("model_retired", ModelRefused),
        ("redirect", ModelRefused),
        ("cut", ModelUnavailable),
        ("drop", ModelUnavailable),
        ("compressed_bomb", ModelUnavailable),
        ("not_json", ModelMalformed),
        ("no_choices", ModelMalformed),
        ("other_envelope", ModelMalformed),
        ("deep_json", ModelMalformed),
        ("null_content", ModelMalformed),
        ("huge", ModelMalformed),
        ("endless", ModelMalformed),
    ],
)
def test_kinds_of_failure(name: str, kind: type, serve: Any, settings_for: Make, ask: Any) -> None:
    assert type(error_of(groq.connect(settings_for(serve(name))), ask())) is kind


def test_what_the_model_wrote_is_salvaged(serve: Any, settings_for: Make, ask: Any) -> None:
    line = {"reply": {"claim": "order"}}
    for name in ("tool_use_failed", "tool_call"):
        malformed = error_of(groq.connect(settings_for(serve(name, line))), ask())
        assert isinstance(malformed, ModelMalformed)
        assert '{"claim": "order"}' in malformed.text
    huge = error_of(groq.connect(settings_for(serve("huge", line))), ask())
    assert isinstance(huge, ModelMalformed)
    assert huge.text.startswith('{"claim": "order"}')
    assert len(huge.text) == 100 * 1024


@pytest.mark.parametrize("name", ["hang", "stall", "trickle"])
def test_time_is_real_time(name: str, serve: Any, settings_for: Make, ask: Any) -> None:
    model = groq.connect(settings_for(serve(name)))
    started = time.monotonic()
    assert isinstance(error_of(model, ask(), seconds=0.7), ModelUnavailable)
    assert time.monotonic() - started < 0.7 + SLACK


def test_memory_is_bounded_when_a_body_never_ends(serve: Any, settings_for: Make, ask: Any) -> None:
    model = groq.connect(settings_for(serve("endless")))
    tracemalloc.start()
    try:
        error_of(model, ask(), seconds=10)
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()


def test_the_key_is_not_in_an_error_that_repeats_it(serve: Any, settings_for: Make, ask: Any) -> None:
    server = serve(plays(lambda question: refuses(401, f"Invalid API Key: {question.key}", "invalid_api_key")))
    refused = error_of(groq.connect(settings_for(server, groq_key="plain-secret-77")), ask())
    assert "plain-secret-77" not in str(refused)
    assert "[key]" in str(refused)


def test_answers_with_wrong_counts_have_no_usage(serve: Any, settings_for: Make, ask: Any) -> None:
    for name in ("negative_usage", "absurd_usage", "text_usage", "no_usage"):
        assert groq.connect(settings_for(serve(name))).complete(ask(), seconds=5).usage is None
