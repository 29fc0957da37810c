"""Findings of all runs as rows of a table, and as JSON."""

from collections.abc import Iterable, Iterator, Sequence

from agent.core.harmless import json_text
from agent.reporting.campaign.records import SeenFinding, Sighting


def as_json(findings: Sequence[SeenFinding]) -> str:
    """All that is known, sightings included."""
    return json_text([finding.model_dump(mode="json") for finding in findings], 2) + "\n"


def rows(findings: Iterable[SeenFinding], *, each: bool = False) -> Iterator[dict[str, str]]:
    """Findings, or their sightings, as rows of a table."""
    for finding in findings:
        head = {"id": finding.id, "kind": finding.kind, "severity": finding.level, "component": finding.component, "title": finding.title}
        if each:
            yield from (head | seen(sighting) for sighting in finding.sightings)
        else:
            yield head | summary(finding)


def seen(sighting: Sighting) -> dict[str, str]:
    """A sighting's part of a row."""
    return {
        "severity": sighting.level,
        "entry": sighting.entry,
        "run": sighting.run,
        "id_there": sighting.id,
        "version": sighting.version,
        "logged_at": sighting.at,
        "counts": "yes" if sighting.counts else "no",
        "proof": sighting.proof,
    }


def summary(finding: SeenFinding) -> dict[str, str]:
    """The other part of a finding's row."""
    times = sorted(sighting.at for sighting in finding.sightings)
    return {
        "entries": " ".join(finding.entries),
        "sightings": str(len(finding.sightings)),
        "versions": " ".join(finding.versions),
        "first_seen": times[0],
        "last_seen": times[-1],
        "proof": finding.proof,
    }
