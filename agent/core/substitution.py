"""Names in data: `<item>` in a shared part of the roadmap is replaced by what the entry calls it. Nothing is executed.

    "<limit>"            becomes the value, whatever its type
    "<item>_id"          becomes a text
    "<amount.0>"         is the first element of a list

A value may hold names in its turn; a name that nobody gave is an error.
"""

import re
from collections.abc import Mapping
from typing import Any

WHOLE = re.compile(r"^<([a-z_][a-z0-9_.]*)>$")
PART = re.compile(r"<([a-z_][a-z0-9_.]*)>")
DEEPEST = 12
"""How far names may lead to names before it counts as a circle."""


class UnknownName(LookupError):
    """A name that neither the entry nor its shared parts give a value."""


def filled(value: Any, names: Mapping[str, Any], depth: int = 0) -> Any:
    """A copy of `value` with every name replaced, in keys and values.

    Raises:
        UnknownName: a name has no value, or leads back to itself.
    """
    if depth > DEEPEST:
        raise UnknownName(f"names lead in a circle at {value!r}")
    if isinstance(value, str):
        if whole := WHOLE.match(value):
            return filled(looked_up(whole[1], names), names, depth + 1)
        return PART.sub(lambda found: str(filled(looked_up(found[1], names), names, depth + 1)), value) if "<" in value else value
    if isinstance(value, list):
        return [filled(item, names, depth) for item in value]
    if isinstance(value, dict):
        return {filled(key, names, depth): filled(item, names, depth) for key, item in value.items()}
    return value


def looked_up(path: str, names: Mapping[str, Any]) -> Any:
    """The value at a dotted path."""
    found: Any = names
    for part in path.split("."):
        if isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        elif isinstance(found, Mapping) and part in found:
            found = found[part]
        else:
            raise UnknownName(f"<{path}> has no value")
    return found
