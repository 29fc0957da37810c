"""What a campaign says, as records: `runs/campaign/campaign.json` is one of them."""

from collections.abc import Mapping
from typing import Any, Literal

from agent.core.artifacts import TestCategory
from agent.core.findings import FindingKind
from agent.core.record import Record

FORMAT = 1
"""Of campaign.json."""
Progress = Literal["finished", "under way", "waiting", "unfinished", "damaged", "never begun"]
"""Of an entry. Waiting: a person is asked. Damaged: there are runs, and none of them can be used."""
Settled = Literal["violated", "holds", "unknown"]
"""Of a worry: one of its hypotheses is contradicted, all are held, or neither."""
CellState = Literal["violated", "by probes", "unknown", "holds", "not applicable"]
"""Of an entry in a category, the first that applies: one of its own pipelines violated a check, only a probe of its subsystems did, nothing
was tested or a check came to no verdict, all checks hold, no check applies."""
Changed = Literal["new", "gone", "still there"]


class Sighting(Record):
    """A finding as one run has it."""

    entry: str
    run: str
    id: str
    """In that run: BUG-001."""
    at: str
    """When it was logged, UTC; empty when the row does not say."""
    version: str
    """Of the target."""
    target: str
    """Fingerprint of the target; empty when unknown."""
    level: str
    """Severity or priority there; empty for strengths."""
    counts: bool
    """Whether the run is the one that stands for its entry."""
    proof: str
    """Folder with the proof, relative to the folder of runs; empty when there is none."""


class SeenFinding(Record):
    """One finding, however many runs have it."""

    id: str
    """Its fingerprint (property + public entry point), or `text-` and a hash of kind, title and component where there is none."""
    kind: FindingKind
    title: str
    level: str
    """Severity or priority, as the newest sighting has it; empty for strengths."""
    component: str
    type: str
    probe: str
    """The property, where a probe stands behind it."""
    words: Mapping[str, str]
    """The other fields of the finding, as the newest sighting has them."""
    sightings: tuple[Sighting, ...]

    @property
    def current(self) -> bool:
        """Whether a run that stands for its entry has it."""
        return any(sighting.counts for sighting in self.sightings)

    @property
    def standing(self) -> tuple[Sighting, ...]:
        """Sightings in runs that stand for their entries."""
        return tuple(sighting for sighting in self.sightings if sighting.counts)

    @property
    def entries(self) -> tuple[str, ...]:
        """Entries that have it now; those that had it when none does."""
        return tuple(sorted({sighting.entry for sighting in self.standing or self.sightings}))

    @property
    def versions(self) -> tuple[str, ...]:
        """Versions of the target on which it was seen."""
        return tuple(sorted({sighting.version for sighting in self.sightings}))

    @property
    def proof(self) -> str:
        """The newest proof; empty when there is none."""
        return next((s.proof for s in (*reversed(self.standing), *reversed(self.sightings)) if s.proof), "")


class Cell(Record):
    """An entry in one of the seven categories."""

    state: CellState
    own: Mapping[str, int]
    """Checks of the entry's own pipelines, by verdict."""
    probes: Mapping[str, int]
    """Cases of the probes of its subsystems, by verdict."""


class Worry(Record):
    """A hypothesis of an entry and what the run says of it."""

    id: str
    statement: str
    verdict: Literal["contradicted", "held", "undecided"]


class Criterion(Record):
    """A success criterion and what was measured; one that is missed is a measurement, not a bug."""

    id: str
    statement: str
    verdict: Literal["met", "missed", "not measured"]
    measured: float | None


class EntryState(Record):
    """Where an entry stands, by the run that stands for it: its newest finished one, else its newest."""

    id: str
    title: str
    tier: int
    area: str
    priority: str
    risk: str
    industry: str
    progress: Progress
    run: str
    """The run that stands for it; empty when it was never begun."""
    unfinished: str
    """A newer run that is not finished; empty when there is none."""
    phases: int
    """Finished ones of seven, in the run that stands for it."""
    report: str
    """Its report, relative to the folder of runs; empty when there is none."""
    version: str
    target: str
    settled: Settled
    worries: tuple[Worry, ...]
    criteria: tuple[Criterion, ...]
    cells: Mapping[TestCategory, Cell]
    scores: Mapping[str, int | None]
    """Developer experience, by aspect."""
    defects: int
    """Confirmed ones in its run."""


class Damage(Record):
    """What of a run cannot be used."""

    run: str
    what: str


class Tested(Record):
    """A target, and how many entries stand on a run of it."""

    version: str
    fingerprint: str
    entries: int


class FileCoverage(Record):
    """What of a module ran, all runs that measured it together."""

    file: str
    lines: int
    lines_run: int
    branches: int
    branches_run: int


class Coverage(Record):
    """Of one target."""

    fingerprint: str
    runs: int
    """That measured it."""
    files: tuple[FileCoverage, ...]


class FindingChange(Record):
    """A finding in this campaign and in the other one."""

    change: Changed
    id: str
    kind: FindingKind
    title: str
    before: str
    """Level in the other one; empty when it is new."""
    after: str
    """Level here; empty when it is gone."""
    known: bool
    """Of what is gone: every entry that had it has been finished again since; otherwise nobody has looked."""


class EntryChange(Record):
    """An entry whose state differs."""

    id: str
    before: str
    after: str


class Comparison(Record):
    """Two campaigns."""

    label: str
    """What this one is compared with."""
    made_at: str
    """When that one was made."""
    targets: tuple[Tested, ...]
    findings: tuple[FindingChange, ...]
    entries: tuple[EntryChange, ...]


class Campaign(Record):
    """The whole."""

    format: Literal[1] = 1
    made_at: str
    """UTC, ISO 8601."""
    runs: int
    """Run folders read."""
    targets: tuple[Tested, ...]
    entries: tuple[EntryState, ...]
    findings: tuple[SeenFinding, ...]
    """The most severe first, then those that most entries have."""
    coverage: Coverage | None
    damage: tuple[Damage, ...]
    against: Comparison | None = None

    def substance(self) -> dict[str, Any]:
        """Everything but when it was made and what it is compared with."""
        return self.model_dump(exclude={"made_at", "against"})
