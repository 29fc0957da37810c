"""What a campaign wants to know of a run, wherever it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from agent.core.findings import FindingKind
from agent.core.record import Record
from agent.reporting.campaign.records import Criterion, Worry


class Measured(Record):
    """What a search ran of a module, see `components.lab.observe`."""

    lines: int
    lines_run: int
    branches: int
    branches_run: int
    ran: Annotated[str, Field(pattern=r"^(\d{1,6}(-\d{1,6})?(,|$))*$")]
    taken: str


@dataclass(frozen=True)
class Row:
    """A finding as a run lists it; `fingerprint` and `probe` are empty where no probe stands behind it."""

    kind: FindingKind
    fields: Mapping[str, str]
    fingerprint: str
    probe: str
    proof: str


@dataclass(frozen=True)
class RunView:
    """What a campaign wants to know of a run.

    Attributes:
        entry: its entry.
        run: name of its folder.
        version: of the target; `?` when the configuration is lost.
        target: fingerprint of the target.
        finished: all phases and the report of the whole are there.
        doing: `under way` when its process lives on this machine, `waiting` when a person is asked.
        phases: finished ones.
        report: there is a report.html.
        tests: category, whether it is of probes, and verdicts of every executed test.
        worries: hypotheses and what became of them.
        criteria: the same for success criteria.
        scores: developer experience by aspect.
        rows: its findings.
        coverage: one mapping for each measured search: module file -> what ran.
        problems: what cannot be used.
    """

    entry: str
    run: str
    version: str = "?"
    target: str = ""
    finished: bool = False
    doing: str = ""
    phases: int = 0
    report: bool = False
    tests: tuple[tuple[str, bool, Mapping[str, int]], ...] = ()
    worries: tuple[Worry, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    scores: Mapping[str, int | None] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    coverage: tuple[Mapping[str, Measured], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`<ENTRY>/<run>`."""
        return f"{self.entry}/{self.run}"
