"""What a behaviour is: from a question to what is sent back, and how it is sent."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Delivery = Literal["whole", "hang", "stall", "trickle", "cut", "drop", "endless"]
"""Sent at once; nothing is ever sent; half is sent and then nothing; a byte at a time; half is sent and the connection closed;
the connection is closed at once; the body is sent over and over."""

LISTED = ("openai/gpt-oss-20b", "openai/gpt-oss-120b")


@dataclass(frozen=True)
class Question:
    """One request for a completion.

    Attributes:
        name: the decision's name, from the field `user`.
        prompt: text of all messages.
        schema: what the answer must fit, from the request or from the field list in the prompt.
        wants_code: a fenced Python block is asked for.
        nth: how many requests came before it.
        model: the model asked.
        key: the key that came with it.
        good: a faithful answer.
    """

    name: str
    prompt: str
    schema: dict[str, Any] | None
    wants_code: bool
    nth: int
    model: str
    key: str
    good: str


@dataclass(frozen=True)
class Sent:
    """A response and how it is delivered."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = "whole"


@dataclass(frozen=True)
class Behaviour:
    """One way to misbehave.

    Attributes:
        name: as chosen on the command line.
        about: what it does, in a few words.
        play: the response to a question.
        models: the response to a request for the list of models, from the names to list.
    """

    name: str
    about: str
    play: Callable[[Question], Sent]
    models: Callable[[tuple[str, ...]], Sent]


def model_list(names: tuple[str, ...]) -> Sent:
    """The honest list of models."""
    entries = [{"id": name, "object": "model", "created": 0, "owned_by": "loopback", "active": True} for name in names]
    return as_json({"object": "list", "data": entries})


def behaviour(name: str, about: str, play: Callable[[Question], Sent], models: Callable[[tuple[str, ...]], Sent] = model_list) -> Behaviour:
    """A row of a table of behaviours."""
    return Behaviour(name, about, play, models)


def as_json(value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Sent:
    """A JSON body."""
    return Sent(json.dumps(value).encode(), status, headers)


def completion(question: Question, text: str | None, **changes: Any) -> dict[str, Any]:
    """A chat completion with `text`; `changes` replace parts of it: `finish`, `usage`, `message`."""
    usage = {"prompt_tokens": len(question.prompt) // 4 + 1, "completion_tokens": len(text or "") // 4 + 1}
    return {
        "id": f"chatcmpl-{question.nth}",
        "object": "chat.completion",
        "created": 0,
        "model": question.model,
        "choices": [
            {
                "index": 0,
                "message": changes.get("message", {"role": "assistant", "content": text}),
                "finish_reason": changes.get("finish", "stop"),
            }
        ],
        "usage": changes.get("usage", usage | {"total_tokens": sum(usage.values())}),
    }


def says(question: Question, text: str | None, **changes: Any) -> Sent:
    """A well-formed response that holds `text`."""
    return as_json(completion(question, text, **changes))


def refuses(status: int, message: str, code: str, *headers: tuple[str, str], **more: str) -> Sent:
    """An error in Groq's form."""
    return as_json({"error": {"message": message, "type": "invalid_request_error", "code": code} | more}, status, headers)
