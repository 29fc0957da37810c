"""Templates to text: strict about undefined names, deterministic."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The template environment of this package."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Python and Markdown are rendered, never HTML
    )
    found.filters |= {
        "quoted": quoted,
        "tuple_literal": tuple_literal,
        "list_literal": list_literal,
        "arguments": arguments,
        "sentence": sentence,
    }
    return found


def render(template: str, **values: Any) -> str:
    """The template's text."""
    return environment().get_template(template).render(**values)


def quoted(text: str) -> str:
    """A string literal in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def source(value: Any) -> str:
    """A value as Python source: texts in double quotes, lists as tuples."""
    if isinstance(value, str):
        return quoted(value)
    return tuple_literal(value) if isinstance(value, (list, tuple)) else repr(value)


def tuple_literal(values: Sequence[Any]) -> str:
    """A tuple's source, one element a line when it is long."""
    parts = [source(value) for value in values]
    text = f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    return text if len(text) < 90 else "(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def list_literal(values: Sequence[Any]) -> str:
    """A list's source."""
    return f"[{', '.join(source(value) for value in values)}]"


def arguments(values: Mapping[str, Any]) -> str:
    """Keyword arguments as source."""
    return ", ".join(f"{name}={source(value)}" for name, value in values.items())


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
