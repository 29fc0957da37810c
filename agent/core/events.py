"""What happens in a mission, as a closed set of past-tense events; listeners turn them into lines and files."""

from dataclasses import dataclass

from agent.core.artifacts import CallResult


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
class ModelAsked:
    """A question to a model is settled: answered now or earlier, or given up; its attempts are in the run's store of calls under `key`."""

    key: str


@dataclass(frozen=True)
class ActionFinished:
    """A tool call was committed, as `done` says; `ok` when it did what it was made for, else `error` says why not."""

    phase: str
    done: CallResult
    ok: bool
    error: str = ""


@dataclass(frozen=True)
class GateChecked:
    """An exit gate was evaluated; `missing` is empty when it was met."""

    phase: str
    missing: tuple[str, ...]
    degraded: bool
    seconds: float


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


Event = (
    MissionStarted
    | PhaseStarted
    | ActionStarted
    | ToolProgressed
    | ModelAsked
    | ActionFinished
    | GateChecked
    | PhaseFinished
    | MissionFinished
)
