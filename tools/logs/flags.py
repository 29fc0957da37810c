"""What a check of a log says: flags with their line numbers, and whether it could be made at all."""

from typing import Any, Literal

from pydantic import Field

from agent.core.tool import Record

Pattern = Literal[
    "duplicate_errors",
    "missing_success",
    "unexpected_error",
    "orphaned_start",
    "no_progress",
    "level_inconsistent",
    "out_of_order",
    "gap",
    "burst",
    "correlation_missing",
    "traceback",
]

FLAGS_KEPT = 50
"""Flags kept per check; the others are counted."""
LINES_KEPT = 20
"""Line numbers kept per flag."""


class Flag(Record):
    """Something in a log that deserves a look."""

    pattern: Pattern
    """What sort of thing."""
    message: str
    """What is there, in one sentence."""
    lines: tuple[int, ...]
    """Line numbers, from 1; the first ones when there are many."""
    count: int = 1
    """How often it is there."""
    snippet: str = ""
    """The line, without control characters."""


class CheckResult(Record):
    """What came of one check."""

    check: str
    """What was looked for, in a few words."""
    applicable: bool = True
    """False when this log does not have what the check needs."""
    note: str = ""
    """Why it is not applicable, or what the check did not look at."""
    found: int = 0
    """How many flags there are."""
    flags: tuple[Flag, ...] = ()
    """The first ones."""
    stats: dict[str, Any] = Field(default_factory=dict)
    """Figures for the statistics file."""


def checked(check: str, flags: list[Flag], *, needs: str = "", note: str = "", stats: dict[str, Any] | None = None) -> CheckResult:
    """Result of a check; `needs` says what the log lacks for it and is empty when the check was made."""
    return CheckResult(
        check=check, applicable=not needs, note=needs or note, found=len(flags), flags=tuple(flags[:FLAGS_KEPT]), stats=stats or {}
    )
