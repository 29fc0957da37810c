"""A response of Groq's that is no answer, as the error that says what helps."""

import datetime
import email.utils
from collections.abc import Mapping

from components.llm.errors import ChatError, ChatRefused, ChatUnavailable, RateLimited


def refusal(status: int, headers: Mapping[str, str], message: str, now: datetime.datetime | None = None) -> ChatError:
    """The error of a response with that status; `headers` by lower-case names, `message` without any key."""
    said = f"groq: HTTP {status}: {message or 'no message'}"
    wait = seconds_to_wait(headers, now)
    if status == 429:
        return RateLimited(said, retry_after=wait)
    if status >= 500 or status in {408, 409, 425, 498, 499}:
        return ChatUnavailable(said, retry_after=wait)
    return ChatRefused(said)


def seconds_to_wait(headers: Mapping[str, str], now: datetime.datetime | None = None) -> float | None:
    """Of `Retry-After`, seconds or an HTTP date (RFC 9110, 10.2.3); None when it is absent or neither.

    A date counts from `now`, the time of the call when left out.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
        return seconds if 0 <= seconds < float("inf") else None
    except ValueError:
        pass
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=datetime.UTC)
    return max(0.0, (date - (now or datetime.datetime.now(datetime.UTC))).total_seconds())
