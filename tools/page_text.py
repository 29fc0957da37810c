"""The main text of a page, by jusText, as paragraphs without menus and footers, and these in pieces of a readable size."""

import html
import re
from collections.abc import Iterator

import justext

TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
HEAD = 100_000
"""Characters in which a title is looked for."""
SENTENCE = re.compile(r"(?<=[.!?])\s+")


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


def pieces(text: str, longest: int) -> Iterator[str]:
    """`text` in pieces of at most `longest` characters, cut between sentences, else between words, else anywhere."""
    piece = ""
    for sentence in SENTENCE.split(" ".join(text.split())):
        if len(piece) + 1 + len(sentence) <= longest and piece:
            piece = f"{piece} {sentence}"
            continue
        if piece:
            yield piece
        *whole, piece = cut(sentence, longest)
        yield from whole
    if piece:
        yield piece


def cut(sentence: str, longest: int) -> list[str]:
    """A sentence in parts of at most `longest` characters; at least one part."""
    parts = []
    while len(sentence) > longest:
        place = sentence.rfind(" ", 1, longest + 1)
        place = place if place > 0 else longest
        parts.append(sentence[:place])
        sentence = sentence[place:].lstrip()
    return [*parts, sentence]
