"""Text that others wrote, as no terminal obeys it and no reader is deceived by it."""

import json
import re
from collections.abc import Iterable
from typing import Any

TURNING = r"\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
"""Characters that turn or hide what is read."""
HALVES = r"\ud800-\udfff"
"""Half characters, which no file can hold."""
ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\n]*?(?:\x07|\x1b\\|\x9c|(?=\n)|\Z)"  # titles, links and other strings
    r"|\x1b[ -/]*[0-~]"
    rf"|[\x00-\x08\x0b-\x1f\x7f-\x9f{TURNING}{HALVES}]",
)
ACTING = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{TURNING}{HALVES}]")
"""One of them begins all that `ESCAPES` takes out; to look for it takes a fifth of the time."""
UNSHOWN = re.compile(rf"[\x7f-\x9f{TURNING}{HALVES}]")
"""What `json` leaves as it is although a terminal may obey it, or a file not hold it."""


def harmless(text: str) -> str:
    """`text` without terminal escapes, control characters other than line break and tab, and marks that turn or hide what is read."""
    return ESCAPES.sub("", text) if ACTING.search(text) else text


def harmless_data(value: Any) -> Any:
    """What was read from JSON, with every text in it harmless."""
    match value:
        case str():
            return harmless(value)
        case list():
            return [harmless_data(item) for item in value]
        case dict():
            return {harmless(name): harmless_data(item) for name, item in value.items()}
    return value


def json_text(value: Any, indent: int | None = None) -> str:
    """`value` as JSON that may be shown: the same data, with every such character written as an escape."""
    return shown_json(json.dumps(value, indent=indent, ensure_ascii=False, default=str))


def json_lines(rows: Iterable[Any]) -> str:
    """A JSON list with a line for each row."""
    return "[\n" + ",\n".join(map(json_text, rows)) + "\n]\n"


def shown_json(text: str) -> str:
    """A JSON text with the same data in harmless characters; they stand in strings only, where an escape means the same."""
    return text if text.isascii() and "\x7f" not in text else UNSHOWN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
