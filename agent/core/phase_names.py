"""The names of the phases, for what looks at runs without reading their records."""

from typing import Literal, get_args

PhaseName = Literal["research", "simulate", "build", "execute", "evaluate", "report", "recommend"]
PHASE_NAMES: tuple[PhaseName, ...] = get_args(PhaseName)
"""In the order of a mission."""
