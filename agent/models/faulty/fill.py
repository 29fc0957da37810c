"""A value that fits a JSON schema, with texts chosen by whoever asks."""

import re
from collections.abc import Callable
from typing import Any

Words = Callable[[str], str]
"""The text for a field of that name."""
DEEPEST = 8
PLAIN = ("a", "A", "1", "a_b", "a.b", "AB-001", "ABC-0001", "1.0.0")


def filled(schema: dict[str, Any], words: Words) -> Any:
    """The smallest sensible value for `schema`."""
    return _value(schema, schema.get("$defs", {}), "answer", words, 0)


def _value(schema: dict[str, Any], known: dict[str, Any], field: str, words: Words, depth: int) -> Any:
    if "$ref" in schema:
        schema = known.get(str(schema["$ref"]).rsplit("/", 1)[-1], {})
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    if choices:
        return _value(choices[0], known, field, words, depth)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            inner = schema.get("properties", {}) if depth < DEEPEST else {}
            free = schema.get("additionalProperties")
            if not inner and free is not False and 0 < depth < DEEPEST:
                inner = {"a": free if isinstance(free, dict) else {"type": "string"}}
            return {name: _value(shape, known, name, words, depth + 1) for name, shape in inner.items()}
        case "array":
            count = max(1, int(schema.get("minItems", 1))) if depth < DEEPEST else 0
            return [_value(schema.get("items", {}), known, field, words, depth + 1) for _ in range(count)]
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
    return _text(schema, words(field))


def _number(schema: dict[str, Any]) -> float | int:
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    number = min(max(1, least), schema.get("maximum", max(1, least)))
    return int(number) if schema["type"] == "integer" else float(number)


def _text(schema: dict[str, Any], text: str) -> str:
    """`text`, or if a pattern forbids it the first of some plain words that the pattern allows."""
    text = text.ljust(int(schema.get("minLength", 0)), ".")[: int(schema.get("maxLength", len(text) + 1000))]
    pattern = str(schema.get("pattern", ""))
    try:
        return next((word for word in (text, *PLAIN) if re.search(pattern, word)), text)
    except re.error:
        return text
