"""The names of the phases and the mark of a report that is not whole, for what looks at runs without reading their records."""

from pathlib import Path
from typing import Literal, get_args

PhaseName = Literal["research", "simulate", "build", "execute", "evaluate", "report", "recommend"]
PHASE_NAMES: tuple[PhaseName, ...] = get_args(PhaseName)
"""In the order of a mission."""
MARK = "**Partial report.**"
"""Stands near the top of every report that is not that of a finished mission."""


def is_whole(report: Path) -> bool:
    """Whether a report is there and is that of a finished mission."""
    return report.is_file() and MARK not in report.read_text(encoding="utf-8", errors="replace")
