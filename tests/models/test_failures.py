"""Lengths of time as providers write them, and statuses that nobody planned for."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from agent.core.errors import ModelError, ModelLimited
from agent.models.durations import seconds_of, seconds_until
from agent.models.failures import failure
from agent.models.scrub import one_line, scrubbed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7.66s", 7.66), ("2m59.56s", 179.56), ("1h2m", 3720), ("120ms", 0.12), ("11h59m3.5s", 43143.5), ("15", 15), ("0", 0), ("1d", 86400)],
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)
    assert seconds_until(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "-3", "1e9", "nan", "inf", "3 apples", "5m later", "s", "9" * 400])
def test_what_is_no_length_of_time(text: str) -> None:
    assert seconds_of(text) is None
    assert seconds_until(text) is None


@given(st.text())
def test_any_header_is_read_or_not_but_never_fails(text: str) -> None:
    seconds = seconds_until(text)
    assert seconds is None or seconds >= 0


def test_a_date_that_has_passed_is_now() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert seconds_until(format_datetime(now - timedelta(days=1), usegmt=True), now) == 0
    assert seconds_until(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90


errors = st.recursive(
    st.one_of(st.none(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["error", "message", "code", "type", "x"]), inner)
    ),
)


@given(
    st.integers(201, 599),
    errors | st.binary().map(lambda raw: raw),
    st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset-tokens"]), st.text()),
)
def test_every_refusal_is_one_of_the_kinds(status: int, body: object, headers: dict[str, str]) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = failure(status, headers, raw, (SecretStr("secret-of-mine"),))
    assert type(error) is not ModelError
    assert isinstance(error, ModelError)
    assert str(error).startswith(f"HTTP {status}: ")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("headers", "message", "retry_after", "scope"),
    [
        ({}, "on tokens per day (TPD): Limit 1. Please try again in 7m12.5s. Need more?", 432.5, "day"),
        ({}, "on requests per minute (RPM): Please try again in 644ms.", 0.644, "minute"),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6s"}, "", 6.0, "day"),
        (
            {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "7.66s", "x-ratelimit-reset-requests": "3m"},
            "",
            7.66,
            "minute",
        ),
        ({"x-ratelimit-reset-requests": "2m59.56s"}, "", 179.56, "day"),
        ({"x-ratelimit-remaining-tokens": "500", "x-ratelimit-reset-tokens": "3s", "x-ratelimit-reset-requests": "3m"}, "", 3.0, "minute"),
        ({"retry-after": "never"}, "", None, "unknown"),
    ],
)
def test_when_to_come_back(headers: dict[str, str], message: str, retry_after: float | None, scope: str) -> None:
    limited = failure(429, headers, json.dumps({"error": {"message": message}}).encode())
    assert isinstance(limited, ModelLimited)
    assert limited.retry_after == (None if retry_after is None else pytest.approx(retry_after))
    assert limited.scope == scope


def test_keys_are_taken_out_by_value_and_by_shape() -> None:
    text = "a gsk_abcdefgh123 b sk-proj-abcdefgh c my-own-secret d Bearer abc.def-ghi_jkl e task-force"
    assert scrubbed(text, (SecretStr("my-own-secret"), None, SecretStr("a"))) == "a [key] b [key] c [key] d Bearer [key] e task-force"
    assert one_line("\x1b[31mred\n\nline\x07" + "x" * 900, limit=20) == "[31mred linexxxxxxx…"
