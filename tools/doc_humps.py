"""CamelCase names of a text, taken apart into their words, so that `retry policy` finds `RetryPolicy`."""

import re
import string

KINDS = bytes.maketrans(
    bytes(range(128)),
    bytes(ord("A" if c in string.ascii_uppercase else "a" if c.isalnum() else "_" if c == "_" else " ") for c in map(chr, range(128))),
)
"""What kind a character is: capital, small letter or digit, underscore, or none of a name; to look for in bytes takes next to no time."""
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Humps(dict[str, str]):
    """Words by name; each name is looked at once, however often pages use it."""

    def __missing__(self, name: str) -> str:
        words = self[name] = HUMP.sub(" ", name)
        return words

    def names_in(self, text: str) -> list[str]:
        """The words of every CamelCase name in the text, in order and as often as they are there; a name is of ASCII."""
        kinds, found, end = text.encode("ascii", "replace").translate(KINDS), [], 0
        while (hump := kinds.find(b"aA", end)) >= 0:
            start, end = kinds.rfind(b" ", 0, hump) + 1, kinds.find(b" ", hump)
            end = end if end >= 0 else len(kinds)
            found.append(self[text[start:end]])
        return found
