"""JSON schemas in the narrower form that strict structured output takes."""

from typing import Any

KEPT = ("type", "properties", "required", "items", "enum", "const", "anyOf", "$ref", "$defs", "additionalProperties", "description")
SHAPES = ("type", "enum", "const", "anyOf", "$ref")


def strict_form(schema: dict[str, Any]) -> dict[str, Any] | None:
    """`schema` with every field required and none added; bounds are left out, the answer's record checks them.

    None when it holds what strict output cannot express: objects with free keys, values of any type, lists of unlike items.
    """
    try:
        return _strict(schema)
    except _Open:
        return None


class _Open(Exception):
    """Something that strict output cannot express."""


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    if not any(key in schema for key in SHAPES) or (schema.get("type") == "array" and not isinstance(schema.get("items"), dict)):
        raise _Open
    kept = {key: value for key, value in schema.items() if key in KEPT}
    for key in ("properties", "$defs"):
        if key in kept:
            kept[key] = {name: _strict(inner) for name, inner in kept[key].items()}
    if "anyOf" in kept:
        kept["anyOf"] = [_strict(inner) for inner in kept["anyOf"]]
    if "items" in kept:
        kept["items"] = _strict(kept["items"])
    if schema.get("type") == "object":
        if "properties" not in kept or schema.get("additionalProperties"):
            raise _Open
        kept |= {"required": list(kept["properties"]), "additionalProperties": False}
    return kept
