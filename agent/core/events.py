"""What happens in a mission, as a closed set of past-tense events; listeners turn them into lines and files."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class MissionStarted:
    """A mission began or went on."""

    entry: str
    run: str
    resumed: bool
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class PhaseStarted:
    """A phase was entered."""

    phase: str
    number: int
    purpose: str


@dataclass(frozen=True)
class ActionStarted:
    """A tool call is about to be made."""

    phase: str
    call_id: str
    tool: str
    why: str


@dataclass(frozen=True)
class ToolProgressed:
    """A tool that takes longer said how far it is."""

    text: str


@dataclass(frozen=True)
class ActionFinished:
    """A tool call was committed."""

    phase: str
    call_id: str
    tool: str
    ok: bool
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class GateChecked:
    """An exit gate was evaluated; `missing` is empty when it was met."""

    phase: str
    missing: tuple[str, ...]
    degraded: bool


@dataclass(frozen=True)
class PhaseFinished:
    """A phase wrote its record; `adopted` when nothing had to be executed for it."""

    phase: str
    seconds: float
    adopted: bool


@dataclass(frozen=True)
class MissionFinished:
    """The last phase is done."""

    run: str
    report: str
    confirmed: int
    seconds: float


Event = MissionStarted | PhaseStarted | ActionStarted | ToolProgressed | ActionFinished | GateChecked | PhaseFinished | MissionFinished


def as_dict(event: Event) -> dict[str, Any]:
    """The event with its name, for JSON lines."""
    return {"event": type(event).__name__, **asdict(event)}
