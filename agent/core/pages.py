"""Renders the Markdown and HTML pages of a run from templates; undefined names are errors."""

import functools
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@functools.cache
def environment() -> Environment:
    """Template environment; HTML templates escape everything."""
    return Environment(
        loader=PackageLoader("agent", "templates"),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def page(template: str, **values: Any) -> str:
    """The rendered page."""
    return environment().get_template(template).render(**values)
