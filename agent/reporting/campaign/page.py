"""The one page of a campaign: what its template may use, in the order in which it is told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, get_args
from urllib.parse import quote

from agent.core.artifacts import CATEGORIES
from agent.core.pages import page
from agent.reporting.campaign.coverage import by_subsystem
from agent.reporting.campaign.deduplication import RANK
from agent.reporting.campaign.records import (
    Campaign,
    Cell,
    CellState,
    Comparison,
    EntryState,
    FileCoverage,
    FindingChange,
    Progress,
    SeenFinding,
    Settled,
    Worry,
)

LETTERS: Mapping[CellState, str] = {"violated": "V", "by probes": "P", "unknown": "?", "holds": "H", "not applicable": "–"}
"""Of the states of a cell, so that no colour is needed to read it."""
MEANINGS: Mapping[CellState, str] = {
    "violated": "a check of the entry's own pipelines is violated",
    "by probes": "violated by a reliability probe of its subsystems only",
    "unknown": "not tested, or a check without a verdict: unknown speaks neither for nor against",
    "holds": "all checks hold",
    "not applicable": "no check applies",
}
CLASSES: Mapping[CellState, str] = {"violated": "v", "by probes": "p", "unknown": "u", "holds": "h", "not applicable": "n"}
CHANGES = ("new", "gone", "still there")


@dataclass(frozen=True)
class Score:
    """A developer-experience aspect over all entries that scored it."""

    aspect: str
    median: float
    lowest: int
    highest: int
    entries: int


@dataclass(frozen=True)
class Story:
    """What the template may use.

    Attributes:
        c: the campaign.
        progress: how many entries are how far.
        settled: how many worries are settled how.
        bugs: defects of the framework as they stand, ranked.
        pages: the same for mistakes of its documentation.
        past: defects that no run which stands for its entry has any more.
        areas: entries by area, in the order of the roadmap.
        contradicted: hypotheses that are refuted, with their entries.
        scores: developer experience.
        coverage: by folder of the package; the whole first.
        changes: of findings, by kind of change; and those whose level changed.
    """

    c: Campaign
    progress: Mapping[str, int]
    settled: Mapping[str, int]
    bugs: Sequence[SeenFinding]
    pages: Sequence[SeenFinding]
    past: Sequence[SeenFinding]
    areas: Sequence[tuple[str, Sequence[EntryState]]]
    contradicted: Sequence[tuple[EntryState, Worry]]
    scores: Sequence[Score]
    coverage: Sequence[FileCoverage]
    changes: Mapping[str, Sequence[FindingChange]]

    @property
    def partial(self) -> bool:
        """Whether some entry is not finished."""
        return self.progress.get("finished", 0) < len(self.c.entries)


def page_of(campaign: Campaign) -> str:
    """The HTML text."""
    words = {"categories": CATEGORIES, "letters": LETTERS, "meanings": MEANINGS, "classes": CLASSES, "levels": RANK, "counted": counted}
    return page("campaign.html.j2", s=story(campaign), link=link, **words)


def story(campaign: Campaign) -> Story:
    """What is told of a campaign."""
    bugs, pages = (tuple(f for f in campaign.findings if f.kind == kind and f.current) for kind in ("bug", "dx"))
    return Story(
        c=campaign,
        progress=Counter(entry.progress for entry in campaign.entries),
        settled=Counter(entry.settled for entry in campaign.entries),
        bugs=bugs,
        pages=pages,
        past=tuple(f for f in campaign.findings if f.kind in ("bug", "dx") and not f.current),
        areas=tuple(by_area(campaign.entries).items()),
        contradicted=tuple((entry, worry) for entry in campaign.entries for worry in entry.worries if worry.verdict == "contradicted"),
        scores=scores(campaign.entries),
        coverage=by_subsystem(campaign.coverage) if campaign.coverage else (),
        changes=changes(campaign.against) if campaign.against else {},
    )


def by_area(entries: Sequence[EntryState]) -> dict[str, list[EntryState]]:
    """Entries of each area together, areas in the order of their first appearance."""
    found: dict[str, list[EntryState]] = {}
    for entry in entries:
        found.setdefault(entry.area, []).append(entry)
    return found


def scores(entries: Sequence[EntryState]) -> tuple[Score, ...]:
    """Aspects in the order of their first appearance."""
    found: dict[str, list[int]] = {}
    for entry in entries:
        for aspect, score in entry.scores.items():
            if score is not None:
                found.setdefault(aspect, []).append(score)
    return tuple(Score(aspect, median(values), min(values), max(values), len(values)) for aspect, values in found.items())


def changes(comparison: Comparison) -> dict[str, Sequence[FindingChange]]:
    """Findings by what became of them."""
    found: dict[str, Sequence[FindingChange]] = {name: [one for one in comparison.findings if one.change == name] for name in CHANGES}
    return found | {"level": [one for one in found["still there"] if one.before != one.after]}


def counted(cell: Cell) -> str:
    """The figures of a cell: how many checks or cases are in its state, of how many."""
    counts = cell.probes if cell.state == "by probes" else cell.own if cell.state == "violated" else added(cell)
    verdict = "violated" if cell.state in ("violated", "by probes") else cell.state.replace(" ", "_")
    total = sum(counts.values())
    return f"{counts.get(verdict, 0)}/{total}" if total else ""


def added(cell: Cell) -> Mapping[str, int]:
    """Checks and cases together."""
    return Counter(cell.own) + Counter(cell.probes)


def link(*parts: str) -> str:
    """The address of a file below the folder of runs, as seen from the campaign's folder."""
    return "../" + quote("/".join(parts), errors="replace")


def figures(campaign: Campaign) -> dict[str, Any]:
    """The campaign in a few numbers."""
    told = story(campaign)
    return {
        "entries": len(campaign.entries),
        "progress": {name: told.progress[name] for name in get_args(Progress) if told.progress.get(name)},
        "settled": {name: told.settled[name] for name in get_args(Settled) if told.settled.get(name)},
        "defects": len(told.bugs),
        "sightings": sum(len(bug.standing) for bug in told.bugs),
    }
