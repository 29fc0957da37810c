"""Says whether prose holds only what stands in the table it was written from: every number, id and name."""

import re

NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*%?")
NAMED = re.compile(
    r"`[^`]+`|\b[A-Za-z_]\w*(?:[._]\w+)+(?:\(\))?|\b[A-Z]{2,}(?:-[A-Z]*\d+)+\b|\b[A-Za-z]+[a-z][A-Z]\w*\b|\bCVE-[\d-]+|https?://\S+"
)
"""Quoted code, dotted and snake_case names, ids, CamelCase names, addresses."""
WORDED = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|half|twice|percent)\b",
    re.IGNORECASE,
)


def invented(text: str, table: str) -> list[str]:
    """What the text says and the table does not; empty when the text may be printed."""
    known = set(NUMBER.findall(table))
    words = table.lower()
    wrong = [number for number in NUMBER.findall(text) if number.rstrip(".,") not in known]
    wrong += [name for name in NAMED.findall(text) if not stands(name.strip("`()").rstrip(".,;:").lower(), words)]
    wrong += [word for word in WORDED.findall(text) if word.lower() not in words]
    return list(dict.fromkeys(wrong))


def stands(name: str, words: str) -> bool:
    """Whether a name stands in the table as a name of its own, not as a part of a longer one."""
    return re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", words) is not None
