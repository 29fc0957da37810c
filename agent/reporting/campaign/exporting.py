"""Findings of all runs for other programs: CSV that no spreadsheet obeys, SARIF, Markdown."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.core.harmless import json_text
from agent.core.pages import page
from agent.court.catalogue import ProbeCard
from agent.reporting.campaign.records import SeenFinding
from agent.reporting.campaign.tabular import rows
from agent.reporting.sarif import LEVELS, sarif

COLUMNS = ("id", "kind", "severity", "component", "title", "entries", "sightings", "versions", "first_seen", "last_seen", "proof")
"""Of a row for each finding."""
EACH = ("id", "kind", "severity", "component", "title", "entry", "run", "id_there", "version", "logged_at", "counts", "proof")
"""Of a row for each sighting."""
OBEYED = re.compile(r"^\s*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet takes for a formula."""
BY_HAND = "logged-by-hand"
"""Rule of findings that no probe stands behind."""


def as_csv(findings: Sequence[SeenFinding], *, each: bool = False) -> str:
    """A table with quotes around everything; `each`: one row for every sighting."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(EACH if each else COLUMNS)
    for row in rows(findings, each=each):
        writer.writerow([calm(value) for value in row.values()])
    return text.getvalue()


def as_markdown(findings: Sequence[SeenFinding]) -> str:
    """A page."""
    return page("findings.md.j2", findings=findings)


def as_sarif(findings: Sequence[SeenFinding], catalogue: Mapping[str, ProbeCard], package: Path | None = None) -> str:
    """A SARIF log of the defects among them; `package` is the folder `stageflow/` they were seen in, when it is there."""
    defects = [finding for finding in findings if finding.kind in ("bug", "dx")]
    log = sarif({"findings": [as_found(finding) for finding in defects]}, catalogue, package)
    for result, finding in zip(log["runs"][0]["results"], defects, strict=True):
        result["occurrenceCount"] = len(finding.standing or finding.sightings)
        result["properties"] |= {"entries": list(finding.entries), "versions": list(finding.versions)}
    return json_text(log, 2) + "\n"


def as_found(finding: SeenFinding) -> dict[str, Any]:
    """A finding as a check's result has it."""
    words = finding.words
    return {
        "probe": finding.probe or BY_HAND,
        "status": "confirmed",
        "title": finding.title,
        "severity": finding.level if finding.level in LEVELS else "info",
        "component": finding.component,
        "type": finding.type or "documentation",
        "expected": words.get("expected_behavior") or words.get("description", ""),
        "observed": words.get("actual_behavior") or "see the description",
        "reason": words.get("context", ""),
        "claim": {"text": words.get("description") or finding.title},
        "repro": quote(f"{finding.proof}/repro.py", errors="replace") if finding.proof else "",
        "fingerprint": finding.id,
        "cause": "",
    }


def calm(value: str) -> str:
    """A cell that is text to every spreadsheet."""
    return f"'{value}" if OBEYED.match(value) else value
