"""How providers write a length of time in their headers and messages."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

UNITS: Mapping[str, float] = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(ms|d|h|m|s)")


def seconds_of(text: str) -> float | None:
    """Seconds of `7.66s`, `2m59.56s`, `1h2m`, `120ms` or a plain number; None for anything else."""
    text = text.strip().lower()
    if re.fullmatch(r"\d{1,12}(\.\d{1,12})?", text):
        return float(text)
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def seconds_until(text: str, now: datetime | None = None) -> float | None:
    """Seconds of a `Retry-After` header: a number, a duration or an HTTP date; never below 0, None when it is none of these."""
    if (seconds := seconds_of(text)) is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
