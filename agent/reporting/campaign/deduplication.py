"""One finding, many sightings: findings of all runs by their fingerprint."""

import hashlib
from collections.abc import Collection, Iterable, Mapping

from agent.reporting.campaign.records import SeenFinding, Sighting
from agent.reporting.campaign.views import Row, RunView

RANK: Mapping[str, int] = {"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 4, "P0": 0, "P1": 1, "P2": 2}
KINDS = ("bug", "dx", "improvement", "strength")
"""In the order in which they are listed."""
HEAD = ("id", "agent", "timestamp", "title", "type", "component", "severity", "priority")
"""Fields that a finding or its sightings hold under a name of their own."""


def deduplicated(views: Iterable[RunView], standing: Collection[str]) -> tuple[SeenFinding, ...]:
    """Every finding once, the most severe first, then those that most entries have, then those with a proof.

    Args:
        views: all runs.
        standing: names of the runs that stand for their entries.
    """
    found: dict[str, list[tuple[Sighting, Row]]] = {}
    for view in views:
        for row in view.rows:
            found.setdefault(identity(row), []).append((sighting(view, row, view.name in standing), row))
    return tuple(sorted((merged(name, rows) for name, rows in found.items()), key=rank))


def identity(row: Row) -> str:
    """The fingerprint; of what a person typed or no probe stands behind, a hash of its kind, title and component."""
    words = "\n".join((row.kind, row.fields["title"], component(row)))
    return row.fingerprint or "text-" + hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:12]


def component(row: Row) -> str:
    """What it is about."""
    return row.fields.get("component") or row.fields.get("category", "")


def level(row: Row) -> str:
    """Severity, or priority."""
    return row.fields.get("severity") or row.fields.get("priority", "")


def sighting(view: RunView, row: Row, counts: bool) -> Sighting:
    """A row of a run as a sighting."""
    return Sighting(
        entry=view.entry,
        run=view.run,
        id=row.fields["id"],
        at=row.fields["timestamp"],
        version=view.version,
        target=view.target,
        level=level(row),
        counts=counts,
        proof=row.proof,
    )


def age(pair: tuple[Sighting, Row]) -> tuple[bool, str, str, str, str]:
    """Sorts sightings, the newest last; those that count are newer than all others."""
    one = pair[0]
    return one.counts, one.at, one.entry, one.run, one.id


def merged(name: str, rows: Iterable[tuple[Sighting, Row]]) -> SeenFinding:
    """One finding out of its sightings; it is described as the newest one describes it."""
    ordered = sorted(rows, key=age)
    newest = ordered[-1][1]
    return SeenFinding(
        id=name,
        kind=newest.kind,
        title=newest.fields["title"],
        level=level(newest),
        component=component(newest),
        type=newest.fields.get("type", ""),
        probe=newest.probe,
        words={key: value for key, value in newest.fields.items() if key not in HEAD},
        sightings=tuple(one for one, _ in ordered),
    )


def rank(finding: SeenFinding) -> tuple[object, ...]:
    """Sorts findings."""
    return (
        not finding.current,
        KINDS.index(finding.kind),
        RANK.get(finding.level, len(RANK)),
        -len(finding.entries),
        not finding.proof,
        finding.title,
        finding.id,
    )
