"""A text in pieces of a readable size."""

import re
from collections.abc import Iterator

SENTENCE = re.compile(r"(?<=[.!?])\s+")


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
