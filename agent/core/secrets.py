"""Takes the keys of this process out of every text that is kept or shown, by value and in every form in which they are usually written."""

import base64
import functools
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from agent.core.environment import secret_values

MARK = "[key]"
SHORTEST = 8
"""Characters of a secret that is worth taking out; servers on this machine take any word as key."""


def without_secrets(text: str, more: Iterable[str] = ()) -> str:
    """`text` without the secrets of the environment and those of `more`."""
    values = secret_values() | frozenset(more)
    found = pattern(values) if values else None
    return found.sub(MARK, text) if found else text


@functools.lru_cache(maxsize=64)
def pattern(values: frozenset[str]) -> re.Pattern[str] | None:
    """Finds every form of the values that are long enough; the longest form first, so that no half of one is left."""
    found = {form for value in values if len(value) >= SHORTEST for form in forms(value)}
    return re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True)))) if found else None


def forms(value: str) -> frozenset[str]:
    """The value as it is, and in JSON, JSON in JSON, Python, URLs, HTML, hexadecimal and base64 at any place of a longer text."""
    raw = value.encode("utf-8", "surrogatepass")
    escaped = json.dumps(value)[1:-1]
    quoted = (quote(value, safe="", errors="replace"), quote_plus(value, errors="replace"))
    found = {value, escaped, json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(escaped)[1:-1], repr(value)[1:-1], html.escape(value)}
    found |= {*quoted, *(re.sub("%..", lambda code: code[0].lower(), each) for each in quoted)}
    found |= {raw.hex(), raw.hex().upper()}
    for start in range(3):
        text = base64.b64encode(b"\0" * start + raw).decode("ascii")
        inside = text[-(-start * 8 // 6) : (start + len(raw)) * 8 // 6]
        found |= {inside, inside.replace("+", "-").replace("/", "_")}
    return frozenset(form for form in found if len(form) >= SHORTEST)
