"""Renders the Markdown and HTML pages of a run from templates; undefined names are errors, and marks in values do nothing."""

import functools
import re
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from agent.core.harmless import harmless

OWN = ("api_page.md.j2", "known_defects.md.j2")
"""Pages of the documentation, made by a developer and looked at before they are committed; their values hold Markdown."""
ACTIVE = re.compile(r"(\\*)(<(?=[A-Za-z/!?])|\||(?<=\])\()")
"""What begins HTML, ends the cell of a table or makes a link, with the backslashes in front of it."""
BLOCK = re.compile(r"\s*(?:[#>+=~-]|\*\s|```|\d+[.)]\s)")
"""What makes a value a heading, a quote, a list or a fence when it stands first."""


class Markdown(str):
    """A value that is Markdown on purpose."""

    __slots__ = ()


def calm(value: Any) -> Any:
    """A value in a Markdown page: one line of text that neither closes what is around it nor becomes markup of its own.

    Emphasis and code spans are left: they end with the line and hide nothing.
    """
    if not isinstance(value, str) or isinstance(value, Markdown):
        return value
    line = ACTIVE.sub(lambda found: found[1] * 2 + "\\" + found[2], re.sub(r"\s*\n\s*", " ", harmless(value)))
    first = BLOCK.match(line) if len(line) > 3 else None
    return f"\\{line.lstrip()}" if first and not line[:1].isdecimal() else line


def verbatim(text: str) -> Markdown:
    """One line of Markdown that shows `text` as it is, whatever marks are in it."""
    return Markdown(re.sub(r"([\\`*_{}\[\]<>()#|~!&])", r"\\\1", " ".join(harmless(text).split())))


def quoted(text: str) -> Markdown:
    """Lines of a block quote whose first mark is in the template."""
    return Markdown("\n> ".join(calm(line) for line in text.split("\n")))


def block(text: str) -> Markdown:
    """Lines for an indented or fenced block, where nothing is markup."""
    return Markdown(harmless(text))


def address(url: str) -> Markdown:
    """The inside of `<...>` or of a link's parentheses: an address that does not end there."""
    return Markdown(re.sub(r"[\s<>()\\|`]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), harmless(url)))


def folder(name: str) -> Markdown:
    """The name of a finding's folder, which leads nowhere else whatever somebody has typed for an id."""
    return Markdown(re.sub(r"[^\w-]", "_", name))


def quiet(value: Any) -> Any:
    """A value in an HTML page, which is escaped besides."""
    return value if hasattr(value, "__html__") or not isinstance(value, str) else harmless(value)


def _made(loader: BaseLoader, html: bool, finalize: Any) -> Environment:
    made = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=html,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"verbatim": verbatim, "quoted": quoted, "block": block, "address": address, "folder": folder}
    return made


@functools.cache
def environment(kind: str, folder: Path | None = None) -> Environment:
    """Template environment for pages of a kind: `html`, which escapes everything, `md`, or `own`."""
    loader = FileSystemLoader(folder) if folder else PackageLoader("agent", "templates")
    return _made(loader, kind in ("html", "svg"), {"html": quiet, "svg": quiet, "md": calm}.get(kind))


def page(template: str, **values: Any) -> str:
    """The rendered page."""
    kind = "own" if template in OWN else template.removesuffix(".j2").rpartition(".")[2]
    return environment(kind).get_template(template).render(**values)


def page_of(folder: Path, template: str, **values: Any) -> str:
    """The same for a Markdown template in `folder`."""
    return environment("md", folder).get_template(template).render(**values)
