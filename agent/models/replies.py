"""A chat completion's response body as a reply; one that is not a completion is malformed."""

import json
from collections.abc import Iterable
from typing import Any, Literal

import httpx
from pydantic import SecretStr

from agent.core.chat import Reply, Usage
from agent.core.errors import ModelMalformed
from agent.models.durations import seconds_until
from agent.models.failures import TEXT_LIMIT, cut, failure
from agent.models.scrub import one_line

Finish = Literal["stop", "length", "filter", "other"]
FINISHES: dict[object, Finish] = {"stop": "stop", "length": "length", "max_tokens": "length", "content_filter": "filter"}
MOST_TOKENS = 10_000_000
"""No model takes or gives as many in one call."""


def limit_headers(response: httpx.Response) -> dict[str, str]:
    """The rate-limit headers, lower case. Of several `Retry-After` the longest counts, of other repeated ones the first."""
    found: dict[str, str] = {}
    for name, value in response.headers.multi_items():  # httpx hands them out in lower case
        if name == "retry-after" and name in found:
            found[name] = max(found[name], value, key=lambda text: seconds_until(text) or 0.0)
        elif name == "retry-after" or name.startswith("x-ratelimit-"):
            found.setdefault(name, value[:200])
    return found


def reply_of(response: httpx.Response, asked: str, secrets: Iterable[SecretStr | None] = ()) -> Reply:
    """The reply in `response`, whose body has been read; `asked` is the model's name in case the response has none.

    Raises:
        ModelError: of the kind that fits the status, or `ModelMalformed` when a 200 holds no completion.
    """
    headers = limit_headers(response)
    if response.status_code != 200:
        raise failure(response.status_code, headers, response.content, secrets)
    data = _completion(response.content)
    choice = data["choices"][0]
    named = data.get("model")
    return Reply(
        text=_text(choice.get("message")),
        finish=_finish(choice.get("finish_reason")),
        usage=_usage(data.get("usage")),
        model=one_line(named, limit=120) if isinstance(named, str) and named else asked,
        headers=headers,
    )


def _finish(reason: object) -> Finish:
    return FINISHES.get(reason, "other") if isinstance(reason, str) else "other"


def _completion(body: bytes) -> dict[str, Any]:
    seen = body[:TEXT_LIMIT].decode("utf-8", "replace")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ModelMalformed(f"the response is not JSON: {one_line(str(error))}", text=seen) from None
    choices = data.get("choices") if isinstance(data, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ModelMalformed("the response holds no choices", text=seen)
    return dict(data)


def _text(message: object) -> str:
    """The message's text; a list of parts is joined."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        content = "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    if not isinstance(content, str):
        raise ModelMalformed("the answer has no content", text=_called(message))
    if len(content.encode("utf-8", "replace")) > TEXT_LIMIT:
        raise ModelMalformed(f"the answer is longer than {TEXT_LIMIT // 1024} KiB", text=cut(content))
    return cut(content)


def _called(message: object) -> str:
    """Arguments of a tool call that nobody asked for, to be salvaged."""
    try:
        arguments = message["tool_calls"][0]["function"]["arguments"]  # type: ignore[index]
    except (TypeError, KeyError, IndexError):
        return ""
    return cut(str(arguments))


def _usage(raw: object) -> Usage | None:
    """Only whole, non-negative counts of a size that some model's context has are counts."""
    if not isinstance(raw, dict):
        return None
    prompt, answer = raw.get("prompt_tokens"), raw.get("completion_tokens")
    if type(prompt) is not int or type(answer) is not int or not (0 <= prompt <= MOST_TOKENS and 0 <= answer <= MOST_TOKENS):
        return None
    return Usage(prompt=prompt, answer=answer)
