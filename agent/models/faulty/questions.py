"""What a request asks for, read from its body."""

import json
import re
from typing import Any

from agent.models.faulty.contract import Question
from agent.models.faulty.fill import filled
from agent.models.script import Script

FIELD = re.compile(r"^(?P<indent> *)- (?P<name>\w+) \((?P<kind>.*?)\)(?::|$)", re.M)
LIMIT = re.compile(r"at (?P<side>most|least) (?P<number>-?\d+(?:\.\d+)?)(?: (?P<unit>characters|items))?")
PATTERN = re.compile(r"matching (\S+?)(?:, |$)")
UNITS = {"characters": "Length", "items": "Items", None: "imum"}


class Unreadable(Exception):
    """The request is not a chat request."""


def question_of(body: bytes, nth: int, key: str, script: Script) -> Question:
    """The question in a request's body, with the script's answer as the good one, else one that fits what is asked for.

    Raises:
        Unreadable: it holds none.
    """
    try:
        data = json.loads(body)
        prompt = "\n".join(str(message["content"]) for message in data["messages"])
        model = str(data["model"])
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(str(error)) from error
    name = str(data.get("user") or "")
    wants_code = "```python block" in prompt
    schema = schema_in(prompt) or _schema(data)  # the list says more than a strict schema, which has no bounds
    line = script.next(name, prompt)
    good = line.text if line is not None else _plain_answer(schema, wants_code)
    return Question(name, prompt, schema, wants_code, nth, model, key, good)


def _schema(data: dict[str, Any]) -> dict[str, Any] | None:
    wanted = data.get("response_format")
    held = wanted.get("json_schema") if isinstance(wanted, dict) else None
    schema = held.get("schema") if isinstance(held, dict) else None
    return schema if isinstance(schema, dict) else None


def schema_in(prompt: str) -> dict[str, Any] | None:
    """A schema from the list of fields that a prompt holds: lines `- name (kind)`, nested ones indented."""
    root: dict[str, Any] = {"type": "object", "properties": {}}
    open_objects: dict[int, dict[str, Any]] = {0: root}
    for found in FIELD.finditer(prompt.rpartition("fields:\n")[2]):
        depth = len(found["indent"]) // 2
        shape = _shape(found["kind"])
        open_objects.get(depth, root)["properties"][found["name"]] = shape
        inner = shape["items"] if shape.get("type") == "array" else shape
        if inner.get("type") == "object":
            open_objects[depth + 1] = inner
    return root if root["properties"] else None


def _shape(kind: str) -> dict[str, Any]:
    """The shape of a kind such as `list of string, at most 9 characters`."""
    bounds: dict[str, Any] = {}
    for found in LIMIT.finditer(kind):
        bounds[("max" if found["side"] == "most" else "min") + UNITS[found["unit"]]] = float(found["number"])
    if kind.startswith("list of "):
        return {"type": "array", "items": _shape(kind.removeprefix("list of "))} | bounds
    if kind.startswith(("one of ", "always ")):
        return {"enum": re.findall(r'"([^"]*)"', kind) or [int(number) for number in re.findall(r"\b\d+\b", kind)]}
    shape: dict[str, Any] = {"type": kind.split(",", maxsplit=1)[0]} | bounds
    if shape["type"] == "object":
        shape["properties"] = {}
    if pattern := PATTERN.search(kind):
        shape["pattern"] = pattern[1]
    return shape


def _plain_answer(schema: dict[str, Any] | None, wants_code: bool) -> str:
    if wants_code:
        return "```python\ndef answer():\n    return None\n```"
    if schema is None:
        return "A plain answer."
    return json.dumps(filled(schema, lambda field: f"a plain {field.replace('_', ' ')}"))
