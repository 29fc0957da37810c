"""Behaviours that refuse with a status: limits, sizes, keys, models, failures of the server."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from agent.models.faulty.contract import Behaviour, Question, Sent, as_json, behaviour, refuses, says

TPM = "Rate limit reached for model `{}` on tokens per minute (TPM): Limit 8000, Used 7900, Requested 1400. Please try again in 9.75s."
TPD = (
    "Rate limit reached for model `{}` on tokens per day (TPD): Limit 200000, Used 199900, Requested 1400. Please try again in 11h59m3.5s."
)
NO_KEY = "Invalid API Key: {}"


def _limited(question: Question, message: str, *headers: tuple[str, str]) -> Sent:
    return refuses(429, message.format(question.model), "rate_limit_exceeded", *headers)


def _with_headers(question: Question) -> Sent:
    remaining = (("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-remaining-requests", "990"))
    resets = (("x-ratelimit-reset-tokens", "1.2s"), ("x-ratelimit-reset-requests", "2m59.56s"))
    return _limited(question, TPM, ("retry-after", "2"), *remaining, *resets)


def _by_date(question: Question) -> Sent:
    later = datetime.now(UTC) + timedelta(seconds=3)
    return _limited(question, "Rate limit reached", ("retry-after", format_datetime(later, usegmt=True)))


def _by_reset(question: Question) -> Sent:
    counts = (("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-remaining-requests", "990"))
    resets = (("x-ratelimit-reset-tokens", "7.66s"), ("x-ratelimit-reset-requests", "2m59.56s"))
    return _limited(question, "Rate limit reached", *counts, *resets)


def _per_day(question: Question) -> Sent:
    return _limited(question, TPD, ("retry-after", "43143"), ("x-ratelimit-remaining-requests", "0"))


def _every_other(question: Question) -> Sent:
    return _with_headers(question) if question.nth % 2 == 0 else says(question, question.good)


def _flapping(question: Question) -> Sent:
    status = (502, 503, 200)[question.nth % 3]
    return says(question, question.good) if status == 200 else Sent(b"<html>upstream</html>", status, (("content-type", "text/html"),))


def _wants_no_tool(question: Question) -> Sent:
    text = f"<function=answer>{question.good}</function>"
    return refuses(400, "Failed to call a function. See 'failed_generation'.", "tool_use_failed", failed_generation=text)


def _half_json(question: Question) -> Sent:
    text = question.good[: max(1, len(question.good) * 2 // 3)]
    return refuses(400, "Failed to generate JSON. See 'failed_generation'.", "json_validate_failed", failed_generation=text)


def _wrong_key(question: Question) -> Sent:
    return refuses(401, NO_KEY.format(question.key), "invalid_api_key")


def _gone(question: Question) -> Sent:
    return refuses(404, f"The model `{question.model}` does not exist or you do not have access to it.", "model_not_found")


def _too_large(question: Question) -> Sent:
    message = f"Request too large for model `{question.model}` on tokens per minute (TPM): Limit 8000, Requested 9123."
    return refuses(413, message, "rate_limit_exceeded")


def _too_long(question: Question) -> Sent:
    return refuses(400, "Please reduce the length of the messages or completion.", "context_length_exceeded")


HTTP_FAULTS: tuple[Behaviour, ...] = (
    behaviour("limited", "429 for ever, with Retry-After and rate-limit headers", _with_headers),
    behaviour("limited_bare", "429 for ever, without a header or a word", lambda question: Sent(b"", 429)),
    behaviour("limited_by_date", "429 for ever, Retry-After as a date", _by_date),
    behaviour("limited_by_reset", "429 for ever, only reset headers say when", _by_reset),
    behaviour("limited_per_day", "429 for ever, come back tomorrow", _per_day),
    behaviour("limited_every_other", "429 for every other request", _every_other),
    behaviour("too_large", "413 for every request", _too_large),
    behaviour("context_length", "400: the context is too long", _too_long),
    behaviour("server_error", "500 for every request", lambda question: as_json({"error": {"message": "Internal Server Error"}}, 500)),
    behaviour("flapping", "502, 503, an answer, and again", _flapping),
    behaviour("tool_use_failed", "400 with an answer inside failed_generation", _wants_no_tool),
    behaviour("json_validate_failed", "400 with half an answer inside failed_generation", _half_json),
    behaviour(
        "unauthorised",
        "401 that repeats the key, for the list of models too",
        _wrong_key,
        lambda _: refuses(401, "Invalid API Key", "invalid_api_key"),
    ),
    behaviour("forbidden", "403 for every request", lambda question: refuses(403, "This key may not use this model.", "permissions_error")),
    behaviour("model_retired", "404: no such model", _gone),
    behaviour("redirect", "307 to another place", lambda question: Sent(b"", 307, (("location", "http://127.0.0.1:9/elsewhere"),))),
    behaviour(
        "bad_list", "the list of models is a web page; answers are good", lambda q: says(q, q.good), lambda _: Sent(b"<html></html>")
    ),
)
