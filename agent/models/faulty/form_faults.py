"""Behaviours whose answers have the wrong form, come again and again, or never come to an end."""

import json
from typing import Any

from agent.models.faulty.contract import Behaviour, Question, Sent, behaviour, says
from agent.models.faulty.fill import filled

PROSE = "Great question! There are several things to consider here. First of all, a framework should be robust. Let me know what you think."
FOREIGN = "Das ist eine gute Frage. 我认为应该先检查并发。 Я не уверен. الجواب غير واضح."


def _object(question: Question) -> dict[str, Any]:
    """The good answer as an object; empty when it is none."""
    try:
        value = json.loads(question.good)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _wrong_fields(question: Question) -> Sent:
    return says(question, json.dumps({f"my_{name}": value for name, value in _object(question).items()} | {"thoughts": PROSE}))


def _missing_fields(question: Question) -> Sent:
    fields = list(_object(question).items())
    return says(question, json.dumps(dict(fields[: len(fields) // 2])))


def _wrong_types(question: Question) -> Sent:
    return says(question, json.dumps({name: _other_type(value) for name, value in _object(question).items()}))


def _other_type(value: Any) -> Any:
    match value:
        case str():
            return [value]
        case list():
            return {"items": value}
        case dict():
            return "an object"
    return "seven"


def _wrong_names(question: Question) -> Sent:
    """Choices that were not offered: tools, actions and kinds that do not exist."""
    if question.schema is None:
        return says(question, json.dumps({"tool": "delete_everything", "arguments": {}}))
    return says(question, json.dumps(filled(_without_choices(question.schema), lambda field: f"no_such_{field}")))


def _without_choices(schema: Any) -> Any:
    """`schema` with every closed set of texts opened."""
    if isinstance(schema, list):
        return [_without_choices(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("enum"), list) or "const" in schema:
        return {"type": "string"}
    return {key: _without_choices(inner) for key, inner in schema.items()}


def _alternating(question: Question) -> Sent:
    return says(question, '{"action": "read"}' if question.nth % 2 else '{"action": "write"}')


def _huge(question: Question) -> Sent:
    return says(question, question.good + "\n" + "and so on " * 11_000)


def _huge_field(question: Question) -> Sent:
    return says(question, json.dumps(dict.fromkeys(_object(question) or {"text": ""}, "x" * 20_000)))


def _cut_off(question: Question) -> Sent:
    return says(question, question.good[: len(question.good) // 2], finish="length")


def _reasoned_away(question: Question) -> Sent:
    return says(question, "", finish="length")


def _monologue(question: Question) -> Sent:
    return says(question, "Let me think about this step by step. " * 60, finish="length")


def _echo(question: Question) -> Sent:
    return says(question, question.prompt[-4000:])


def _nearly_json(question: Question) -> Sent:
    return says(question, "Sure! Here you go:\n```json\n" + question.good.replace('"', "'").replace("}", ",}") + "\n```\nAnything else?")


FORM_FAULTS: tuple[Behaviour, ...] = (
    behaviour("wrong_json", "JSON that does not parse", lambda q: says(q, '{"answer": [1, 2,, "unfinished')),
    behaviour("nearly_json", "single quotes, trailing commas, a fence and chatter", _nearly_json),
    behaviour("wrong_fields", "JSON with fields that were not asked for", _wrong_fields),
    behaviour("missing_fields", "JSON with half of the fields", _missing_fields),
    behaviour("wrong_types", "JSON with texts for lists and the like", _wrong_types),
    behaviour("wrong_names", "names of tools and choices that do not exist", _wrong_names),
    behaviour("same_answer", "the same useless answer for ever", lambda q: says(q, '{"action": "look again"}')),
    behaviour("alternation", "two useless answers in turn", _alternating),
    behaviour("echo", "repeats the question", _echo),
    behaviour("empty", "an empty answer", lambda q: says(q, "")),
    behaviour("blank", "an answer of white space", lambda q: says(q, " \n\t\n ")),
    behaviour("prose", "prose instead of JSON", lambda q: says(q, PROSE)),
    behaviour("monologue", "thinks aloud until the limit cuts it off", _monologue),
    behaviour("reasoned_away", "nothing, because reasoning took all tokens", _reasoned_away),
    behaviour("cut_off", "half of a good answer, cut by the token limit", _cut_off),
    behaviour("huge", "a good answer and 100 KiB more", _huge),
    behaviour("huge_field", "JSON with 20 KiB in every field", _huge_field),
    behaviour("other_language", "an answer in other languages", lambda q: says(q, FOREIGN)),
    behaviour("list_of_answers", "a list of three answers", lambda q: says(q, f"[{q.good}, {q.good}, {q.good}]")),
    behaviour("filtered", "stopped by a content filter", lambda q: says(q, "I can't help with that.", finish="content_filter")),
)
