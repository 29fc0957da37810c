"""CamelCase names of a text, taken apart into their words, so that `retry policy` finds `RetryPolicy`."""

import re

CAPITAL = re.compile(r"([A-Z]\w*)")
"""The first capital of a word and all that follows it: the cheapest thing to look for that every such name has."""
APART = frozenset(("", *" \n`\"'.,:;()[]{}<>-=*/|#@"))
"""What stands in front of most words; only a short way to know that none goes on there."""
HEAD = re.compile(r"\w*")
CAMEL = re.compile(r"[a-z0-9][A-Z]")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Humps(dict[str, str]):
    """Words by name, empty for a name without humps; each name is looked at once, however often pages use it."""

    def __missing__(self, name: str) -> str:
        words = self[name] = HUMP.sub(" ", name) if CAMEL.search(name) else ""
        return words

    def names_in(self, text: str) -> list[str]:
        """The words of every CamelCase name in the text, in order and as often as they are there."""
        pieces = CAPITAL.split(text)
        found = [
            self[tail if (last := before[-1:]) in APART or not (last.isalnum() or last == "_") else head_of(before) + tail]
            for before, tail in zip(pieces[::2], pieces[1::2], strict=False)
        ]
        return [words for words in found if words]


def head_of(text: str) -> str:
    """What a text ends with of a word that goes on."""
    head = HEAD.match(text[::-1])
    return head[0][::-1] if head else ""
