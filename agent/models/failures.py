"""A provider's refusal over HTTP as the error that says who can do something about it."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import SecretStr

from agent.core.errors import ModelError, ModelLimited, ModelMalformed, ModelRefused, ModelTooLarge, ModelUnavailable
from agent.models.durations import seconds_of, seconds_until
from agent.models.scrub import one_line, scrubbed

TEXT_LIMIT = 100 * 1024
"""Bytes of an answer that are kept at most."""
KINDS = ("tokens", "requests")
"""What the `x-ratelimit-*` headers count: tokens by minute, requests by day."""
SALVAGED = ("tool_use_failed", "json_validate_failed")
TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|reduce (?:the|your) (?:length|message)|maximum context|request too large|prompt is too long", re.I
)
PER_DAY = re.compile(r"per day|\b[TR]PD\b", re.I)
PER_MINUTE = re.compile(r"per min(?:ute)?\b|\b[TR]PM\b", re.I)
TRY_AGAIN = re.compile(r"try again in ([0-9dhms.]+)", re.I)


def cut(text: str) -> str:
    """`text` up to the limit, without half characters, which could not be stored."""
    return text[:TEXT_LIMIT].encode("utf-8", "replace")[:TEXT_LIMIT].decode("utf-8", "ignore")


def failure(status: int, headers: Mapping[str, str], body: bytes, secrets: Iterable[SecretStr | None] = ()) -> ModelError:
    """The error of a response that is not 200; `headers` has lower-case names."""
    secrets = tuple(secrets)
    error = _error(body)
    message, code = str(error.get("message") or ""), f"{error.get('code')} {error.get('type')}"
    said = f"HTTP {status}: {one_line(message, secrets) or 'no message'}"
    if status == 429:
        return _limited(said, headers, message)
    if status == 413 or (status in {400, 422} and (TOO_LONG.search(message) or "context_length" in code or "exceed_context" in code)):
        return ModelTooLarge(said, hint="Shorten what is sent, or choose a model with a larger context or limit.")
    if status == 400 and any(name in code for name in SALVAGED):
        return ModelMalformed(said, text=scrubbed(cut(_text(error.get("failed_generation"))), secrets))
    if status >= 500 or status in {408, 409, 425, 498, 499}:
        return ModelUnavailable(said)
    if status in {401, 403}:
        return ModelRefused(said, hint="Check the key and what it may be used for.")
    if status == 404 or "model_decommissioned" in code or "model_not_found" in code:
        return ModelRefused(said, hint="Check the model's name (`--model`) and the base URL.")
    if 300 <= status < 400:
        return ModelRefused(said, hint="The base URL redirects; give the one that it redirects to.")
    return ModelRefused(said, hint="The provider does not accept this kind of request.")


def _error(body: bytes) -> dict[str, Any]:
    """The error object of the body; providers differ in how deep it lies."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {"message": body[:2000].decode("utf-8", "replace")}
    inner = data.get("error", data) if isinstance(data, dict) else data
    return inner if isinstance(inner, dict) else {"message": _text(inner)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _limited(said: str, headers: Mapping[str, str], message: str) -> ModelLimited:
    retry_after = _retry_after(headers, message)
    scope = "day" if PER_DAY.search(message) else "minute" if PER_MINUTE.search(message) else _scope(headers, retry_after)
    hint = "Come back tomorrow, or use another key or model." if scope == "day" else "Wait, or lower the settings' limits."
    return ModelLimited(said, hint=hint, retry_after=retry_after, scope=scope)


def _retry_after(headers: Mapping[str, str], message: str) -> float | None:
    """What the provider said, in order of trust: `Retry-After`, the reset time of what is used up, its message."""
    if (stated := seconds_until(headers.get("retry-after", ""))) is not None:
        return stated
    resets = {kind: seconds_of(headers.get(f"x-ratelimit-reset-{kind}", "")) for kind in KINDS}
    known = [seconds for kind in _used_up(headers) or KINDS if (seconds := resets[kind]) is not None]
    if known:
        return max(known) if _used_up(headers) else known[0]
    found = TRY_AGAIN.search(message)
    return seconds_of(found[1].rstrip(".")) if found else None


def _used_up(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Of what nothing remains."""
    return tuple(kind for kind in KINDS if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() in {"0", "0.0"})


def _scope(headers: Mapping[str, str], retry_after: float | None) -> str:
    """From what is used up (Groq counts requests by day and tokens by minute), else from how long to wait."""
    used_up = _used_up(headers)
    if used_up:
        return "day" if "requests" in used_up else "minute"
    return "unknown" if retry_after is None else "minute" if retry_after <= 120 else "day"
