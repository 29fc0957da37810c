"""What a valid record is, and the few text functions that stages and golden rules share."""

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PERSONAL = {
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "phone": re.compile(r"\+\d{1,3} \d{3} \d{3,4}(?: \d{3,4})?"),
    "card": re.compile(r"\b\d{4} \d{4} \d{4} \d{4}\b"),
    "national_id": re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),
}
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True)
class Field:
    """One field of a record and what it accepts."""

    name: str
    type: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    prefix: str = ""
    longest: int = 200


def problems(record: Mapping[str, Any], fields: Sequence[Field], tenants: Sequence[str], forbidden: Sequence[str] = ()) -> list[str]:
    """Why a record must be refused; empty when it may pass."""
    found = [] if record.get("tenant") in tenants else [f"unknown tenant {str(record.get('tenant'))[:40]!r}"]
    for field in fields:
        if field.name not in record:
            found.append(f"{field.name} is missing")
        elif reason := wrong(record[field.name], field, forbidden):
            found.append(f"{field.name} {reason}")
    return found


def wrong(value: Any, field: Field, forbidden: Sequence[str]) -> str:
    """What is wrong with a value, or an empty string."""
    match field.type:
        case "int" | "float" | "money":
            return wrong_number(value, field)
        case "bool":
            return "" if isinstance(value, bool) else "is not a boolean"
        case "choice":
            return "" if value in field.choices else "is not one of the choices"
    if not isinstance(value, str):
        return "is not a text"
    match field.type:
        case "id":
            return "" if re.fullmatch(rf"{re.escape(field.prefix)}-\d{{6}}", value) else "is not a well-formed id"
        case "timestamp":
            return "" if moment(value) else "is not a time with a zone"
    if len(value) > field.longest:
        return f"is longer than {field.longest} characters"
    return "has a forbidden phrase" if contains(value, forbidden) else ""


def wrong_number(value: Any, field: Field) -> str:
    """What is wrong with a number, or an empty string."""
    if isinstance(value, bool) or not isinstance(value, int if field.type == "int" else (int, float)):
        return "is not a number of the right type"
    if not math.isfinite(value):
        return "is not finite"
    low, high = field.low, field.high
    return f"is outside {low:g} to {high:g}" if low is not None and high is not None and not low <= value <= high else ""


def moment(text: str) -> dt.datetime | None:
    """A time with a zone, or None when the text is not one."""
    try:
        parsed = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None


def contains(text: str, phrases: Sequence[str]) -> bool:
    """Whether one of the phrases is in the text, whatever the case and with invisible characters taken out."""
    lowered = INVISIBLE.sub("", text).lower()
    return any(phrase.lower() in lowered for phrase in phrases)


def redacted(text: str, patterns: Sequence[str]) -> str:
    """The text with personal data of the named kinds replaced."""
    for pattern in patterns:
        text = PERSONAL[pattern].sub(f"[{pattern.upper()}]", text)
    return text


def read_jsonl(file: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file, one per line."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
