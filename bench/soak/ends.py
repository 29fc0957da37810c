"""What two runs of the same mission came to, compared."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from agent.core.settings import Settings
from agent.core.workspace import Workspace
from agent.court.trials import FOUND
from agent.reporting.same_report import compare

FINDINGS = ("bugs", "dx", "improvements", "strengths")


def findings(folder: Path) -> Counter[tuple[str, str, str]]:
    """(file, title, component) of every finding of a run; scores of developer experience hold measured times and are left out."""
    found: Counter[tuple[str, str, str]] = Counter()
    for name in FINDINGS:
        file = folder / f"{name}.json"
        rows = json.loads(file.read_text(encoding="utf-8"))["findings"] if file.exists() else []
        found.update((name, row["title"], row.get("component", "")) for row in rows if not row["title"].startswith("Developer experience"))
    return found


def verdicts(folder: Path) -> dict[str, str]:
    """Verdict of every fixed case of every probe that ran; what a search finds depends on how far it came in its time."""
    rows: list[dict[str, Any]] = []
    for file in sorted((folder / "results/metrics").glob("probes-*.json")):
        rows += json.loads(file.read_text(encoding="utf-8"))
    return {f"{row['probe']} {row['case']} {row['control']}": row["verdict"] for row in rows if not row["case"].startswith(FOUND)}


def differences(quiet: Path, killed: Path) -> dict[str, Any]:
    """Findings that only one of them has, verdicts that differ, and lines of the reports beyond what every run measures anew."""
    wanted, found = findings(quiet), findings(killed)
    before, after = verdicts(quiet), verdicts(killed)
    compared = compare(Workspace(quiet), Workspace(killed), Settings.load({}))
    differing = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    return {
        "findings": wanted.total(),
        "lost": sorted((wanted - found).elements()),
        "added": sorted((found - wanted).elements()),
        "cases": len(before),
        "verdicts": differing,
        "report_lines": compared.lines,
        "report": list(compared.diff)[:200],
    }


def doubled(folder: Path) -> list[Any]:
    """Findings that are there twice, and ids that are used twice."""
    ids: Counter[str] = Counter()
    for name in FINDINGS:
        file = folder / f"{name}.json"
        ids.update(row["id"] for row in (json.loads(file.read_text(encoding="utf-8"))["findings"] if file.exists() else []))
    return [key for key, n in findings(folder).items() if n > 1] + [key for key, n in ids.items() if n > 1]


def executed_again(folder: Path) -> list[str]:
    """Calls that were started after their commit."""
    committed: set[str] = set()
    again = []
    for line in (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        call = record["data"].get("call", "")
        if record["kind"] == "call_started" and call in committed:
            again.append(call)
        if record["kind"] == "call_committed":
            committed.add(call)
    return again
