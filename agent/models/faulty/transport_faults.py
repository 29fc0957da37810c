"""Behaviours that send a response badly, or one whose envelope is broken."""

import gzip
import json
from dataclasses import replace

from agent.models.faulty.contract import Behaviour, Delivery, Question, Sent, as_json, behaviour, completion, says


def _delivered(question: Question, delivery: Delivery) -> Sent:
    return replace(says(question, question.good), delivery=delivery)


def _compressed(question: Question) -> Sent:
    bomb = gzip.compress(b" " * (64 << 20))
    return Sent(bomb, headers=(("content-encoding", "gzip"),))


def _doubled(question: Question) -> Sent:
    headers = (
        ("retry-after", "1"),
        ("retry-after", "3"),
        ("x-ratelimit-remaining-tokens", "7000"),
        ("x-ratelimit-remaining-tokens", "-5"),
    )
    return as_json(completion(question, question.good), headers=headers)


def _called_a_tool(question: Question) -> Sent:
    call = {"id": "call_1", "type": "function", "function": {"name": "answer", "arguments": question.good}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return says(question, None, message=message, finish="tool_calls")


def _surrogate(question: Question) -> Sent:
    body = json.dumps(completion(question, "half a pair: PLACE"))
    return Sent(body.replace("PLACE", "\\ud83d \\u0000 \\u001b[31m").encode())


def _misaddressed(question: Question) -> Sent:
    return as_json({"id": "1", "choices": [{"text": question.good}], "error": None})


TRANSPORT_FAULTS: tuple[Behaviour, ...] = (
    behaviour("hang", "takes the request and never answers", lambda q: _delivered(q, "hang")),
    behaviour("stall", "sends half an answer and then nothing more", lambda q: _delivered(q, "stall")),
    behaviour("trickle", "sends a byte at a time", lambda q: _delivered(q, "trickle")),
    behaviour("cut", "closes the connection in the middle of the body", lambda q: _delivered(q, "cut")),
    behaviour("drop", "closes the connection without a response", lambda q: _delivered(q, "drop")),
    behaviour("endless", "sends a body that never ends", lambda q: _delivered(q, "endless")),
    behaviour("compressed_bomb", "sends 64 MiB packed into little", _compressed),
    behaviour("not_json", "200 with a web page", lambda q: Sent(b"<html>Welcome</html>", headers=(("content-type", "text/html"),))),
    behaviour("no_choices", "200 without an answer in it", lambda q: as_json({"id": "1", "object": "chat.completion", "choices": []})),
    behaviour("other_envelope", "200 with the answer in the wrong place", _misaddressed),
    behaviour("deep_json", "200 with JSON nested a hundred thousand deep", lambda q: Sent(b"[" * 100_000)),
    behaviour("null_content", "the answer's content is null", lambda q: says(q, None)),
    behaviour("tool_call", "calls a tool that nobody offered", _called_a_tool),
    behaviour("surrogate", "half a character and control characters in the text", _surrogate),
    behaviour("duplicate_headers", "the same header twice, with two values", _doubled),
    behaviour(
        "negative_usage",
        "usage below zero",
        lambda q: says(q, q.good, usage={"prompt_tokens": -90_000, "completion_tokens": -1, "total_tokens": 0}),
    ),
    behaviour(
        "absurd_usage",
        "usage of billions",
        lambda q: says(q, q.good, usage={"prompt_tokens": 10**12, "completion_tokens": 10**12, "total_tokens": 1}),
    ),
    behaviour("text_usage", "usage in words", lambda q: says(q, q.good, usage={"prompt_tokens": "many", "completion_tokens": None})),
    behaviour("no_usage", "no usage at all", lambda q: says(q, q.good, usage=None)),
)
