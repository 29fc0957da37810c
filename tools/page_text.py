"""The main text of a page, by jusText, as paragraphs without menus and footers; imported by the process that reads pages alone."""

import html
import re

import justext

TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
HEAD = 100_000
"""Characters in which a title is looked for."""


def main_text(body: bytes, kind: str, charset: str) -> tuple[str, list[str]]:
    """(title, paragraphs) of an HTML page or a plain text."""
    encoding = charset if known(charset) else ""
    text = body.decode(encoding or "utf-8", "replace")
    if kind == "text/plain":
        return "", [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    title = TITLE.search(text[:HEAD])
    paragraphs = justext.justext(body, justext.get_stoplist("English"), encoding=encoding or None)
    return html.unescape(title[1]) if title else "", [p.text for p in paragraphs if not p.is_boilerplate]


def known(charset: str) -> bool:
    """Whether Python can decode it as text."""
    try:
        return bool(charset and b"a".decode(charset, "replace"))
    except (LookupError, UnicodeError):
        return False
