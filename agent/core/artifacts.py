"""The contract on one page: every record that crosses a phase boundary, each field documented beneath it."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from pydantic import Field

from agent.core import phase_names
from agent.core.record import Record

PhaseName: TypeAlias = phase_names.PhaseName
TestCategory = Literal["correctness", "reliability", "performance", "security", "scalability", "observability", "silent_failures"]
Verdict = Literal["holds", "violated", "unknown", "not_applicable"]

CATEGORIES: tuple[TestCategory, ...] = (
    "correctness",
    "reliability",
    "performance",
    "security",
    "scalability",
    "observability",
    "silent_failures",
)


class Action(Record):
    """One decision of a policy: call this tool with these arguments."""

    id: str
    """Unique within the phase, stable over resumes."""
    tool: str
    """Name of a registered tool."""
    args: dict[str, Any]
    """Arguments as the tool's record describes them; small, never payloads."""
    why: str
    """What for, in a few words; shown as progress."""
    beside: tuple["Action", ...] = ()
    """Calls that the plan will ask for later anyway and that do not depend on this one: they may be made at the same time."""


class CallResult(Record):
    """The commit marker of a tool call."""

    call_id: str
    """`<phase>/<action id>-<hash of tool, arguments and what they refer to>`."""
    tool: str
    """Name of the tool."""
    ok: bool
    """False when the tool said that it could not do its job."""
    result: dict[str, Any]
    """The tool's result record, empty when not ok."""
    error: str = ""
    """Why it failed."""
    seconds: float = 0.0
    """Working time."""
    finished_at: str = ""
    """UTC, ISO 8601."""
    files: Mapping[str, str] = Field(default_factory=dict)
    """SHA-256 of every file of the run that the call left behind; empty for one that it took away."""


class PhaseRecord(Record):
    """What every phase leaves behind."""

    phase: PhaseName
    """Which one."""
    artifacts: dict[str, str]
    """Path in the run folder to SHA-256 of what the phase wrote."""
    missing: tuple[str, ...] = ()
    """What the exit gate still wanted when the phase was finished degraded; empty when the gate was met."""


class Receipt(Record):
    """What the checkpoint keeps of a finished phase: where its record is, and what it hashes to."""

    phase: PhaseName
    """Which one."""
    path: str
    """The record, relative to the run."""
    sha256: str
    """Of that file."""
    missing: int
    """How many things its gate still wanted."""


class Research(PhaseRecord):
    """Phase 1."""

    searches: int
    """Web queries tried."""
    searches_answered: int
    """Web queries that brought results."""
    passages: int
    """Documentation passages read."""
    pages: int = 0
    """Web pages read."""
    symbols: int
    """Public names of the target inspected."""
    hypotheses: tuple[str, ...]
    """Ids of the hypotheses to test."""


class Simulation(PhaseRecord):
    """Phase 2."""

    rows: dict[str, int]
    """Records per kind of data set."""
    services: tuple[str, ...]
    """Mocked services."""


class Construction(PhaseRecord):
    """Phase 3."""

    pipelines: tuple[str, ...]
    """Pipelines that were written and ran once."""
    broken: tuple[str, ...]
    """Pipelines that were written and did not run."""
    repairs: int
    """Attempts beyond the first."""


class Sighting(Record):
    """A violated check: a defect is suspected until the court has spoken."""

    key: str
    """`<probe>@<component>` for probes, `<test>:<check>` for pipeline tests."""
    case: str
    """Smallest violated case."""
    origin: Literal["probe", "pipeline"]
    """What saw it."""


class TestRun(Record):
    """One executed test."""

    __test__ = False
    id: str
    """Test id, unique in the mission."""
    category: TestCategory
    """One of the seven."""
    checks: dict[Verdict, int]
    """How many checks came out how."""
    call_id: str
    """The execution behind it."""


ControlName = Literal["without_fault", "without_mocks", "on_reference", "in_asyncio", "other_release"]


class ControlVerdict(Record):
    """One way to make sure that the blame is Stageflow's."""

    control: ControlName
    """The same target without the fault, our mocks, a reference model, plain Python and asyncio, or another release."""
    outcome: Verdict
    """Holds: this control speaks for the finding. On another release it says how things are there."""
    reason: str
    """What was measured, or why there is nothing to measure, in one line."""


class Proof(Record):
    """What the court found out about one sighting."""

    key: str
    """The sighting's key."""
    case: str
    """The case that was shown."""
    title: str
    """The defect in one line."""
    status: Literal["confirmed", "suspected", "unknown"]
    """Confirmed only with a stand-alone script that failed every time and a control that held."""
    reason: str
    """Why it has this status, in one sentence."""
    reproduced: int
    """Fresh processes in which the script showed the defect."""
    runs: int
    """Fresh processes in which it was run."""
    control: Verdict
    """Verdict of the probe's control on the same target."""
    expected: str
    """What the claim promises, for the case shown."""
    observed: str
    """What happened instead."""
    script: str
    """Path of the stand-alone script, relative to the folder of the mission or of the check."""
    fingerprint: str
    """Identity of the defect over runs and releases."""
    also_seen: tuple[str, ...] = ()
    """Keys of other violated properties with the same cause: further sightings of this defect."""
    controls: tuple[ControlVerdict, ...] = ()
    """The five controls for blame."""
    minimal: str = ""
    """Path of the minimal script beside `script`; empty when there is none."""
    shrunk: str = ""
    """What shrinking came to, or why there is no minimal script; empty when it was not tried."""


class Execution(PhaseRecord):
    """Phase 4."""

    tests: tuple[TestRun, ...]
    """Everything that was executed."""
    proofs: tuple[Proof, ...]
    """The court's results."""
    suspected: tuple[Sighting, ...]
    """Sightings without a confirmed proof."""
    log_flags: int
    """Patterns flagged by log analysis."""


class AspectScore(Record):
    """One developer-experience aspect."""

    aspect: str
    """Name."""
    score: int | None
    """1 to 5, or None when there were no facts to score it."""
    formula: str
    """How the score follows from the facts."""
    facts: dict[str, Any]
    """The facts, each read from an execution."""


class Evaluation(PhaseRecord):
    """Phase 5."""

    scores: tuple[AspectScore, ...]
    """Eight aspects."""


class Reporting(PhaseRecord):
    """Phase 6."""

    logged: dict[str, int]
    """Findings per kind."""


class Recommendations(PhaseRecord):
    """Phase 7."""

    logged: int
    """Improvements logged."""


RECORDS: dict[PhaseName, type[PhaseRecord]] = {
    "research": Research,
    "simulate": Simulation,
    "build": Construction,
    "execute": Execution,
    "evaluate": Evaluation,
    "report": Reporting,
    "recommend": Recommendations,
}
"""The record each phase writes."""
