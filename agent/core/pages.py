"""Renders the Markdown and HTML pages of a run from templates; undefined names are errors."""

import functools
import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@functools.cache
def environment() -> Environment:
    """Template environment; HTML templates escape everything."""
    made = Environment(
        loader=PackageLoader("agent", "templates"),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["verbatim"] = verbatim
    return made


def verbatim(text: str) -> str:
    """One line of Markdown that shows `text` as it is, whatever marks are in it."""
    return re.sub(r"([\\`*_{}\[\]<>()#|~!&])", r"\\\1", " ".join(text.split()))


def page(template: str, **values: Any) -> str:
    """The rendered page."""
    return environment().get_template(template).render(**values)
