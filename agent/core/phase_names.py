"""The names of the phases and the mark of a report that is not whole, for what looks at runs without reading their records."""

from typing import Literal, get_args

PhaseName = Literal["research", "simulate", "build", "execute", "evaluate", "report", "recommend"]
PHASE_NAMES: tuple[PhaseName, ...] = get_args(PhaseName)
"""In the order of a mission."""
MARK = "**Partial report.**"
"""Stands near the top of every report that is not that of a finished mission."""
