"""Says in plain lines which fields an answer must have; small models follow these better than a JSON schema."""

import functools
from collections.abc import Iterator
from typing import Any

from agent.core.record import Record

BOUNDS = {
    "maxLength": "at most {} characters",
    "minLength": "at least {} characters",
    "maxItems": "at most {} items",
    "minItems": "at least {} items",
    "maxProperties": "at most {} fields",
    "minProperties": "at least {} fields",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "pattern": "matching {}",
}


@functools.cache
def field_lines(answer: type[Record]) -> tuple[str, ...]:
    """One line a field, nested ones indented."""
    schema = answer.model_json_schema()
    return tuple(_object(schema, schema.get("$defs", {}), 0))


def _object(schema: dict[str, Any], known: dict[str, Any], depth: int) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        shape = _shape(field, known)
        optional = "" if name in schema.get("required", ()) else ", optional"
        about = field.get("description", "")
        yield f"{'  ' * depth}- {name} ({_kind(shape, known)}{optional}){': ' + about if about else ''}"
        inner = _shape(shape.get("items", {}), known) if shape.get("type") == "array" else shape
        if depth < 3:
            yield from _object(inner, known, depth + 1)


def _shape(field: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The field with a reference followed, and the first real choice of a union."""
    if "$ref" in field:
        return dict(known[field["$ref"].rsplit("/", 1)[-1]])
    choices = [choice for choice in field.get("anyOf", ()) if choice.get("type") != "null"]
    return _shape(choices[0], known) if choices else field


def _kind(shape: dict[str, Any], known: dict[str, Any]) -> str:
    if "enum" in shape:
        kind = "one of " + ", ".join(f'"{value}"' if isinstance(value, str) else str(value) for value in shape["enum"])
    elif "const" in shape:
        kind = f'always "{shape["const"]}"'
    elif shape.get("type") == "array":
        kind = "list of " + _kind(_shape(shape.get("items", {}), known), known)
    else:
        kind = str(shape.get("type", "any"))
    return ", ".join([kind, *(text.format(shape[bound]) for bound, text in BOUNDS.items() if bound in shape)])
