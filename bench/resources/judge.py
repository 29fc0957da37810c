"""What a partial report may say: rules over its files, the ledger and the whole run."""

import json
import re
from pathlib import Path
from typing import Any

SHOWN = re.compile(r"^\| \[([\w-]+)\]\(results/metrics/", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)\)")
VERDICT = re.compile(r"^- \*\*(held|contradicted)\*\* .*?Judged by (.*)$", re.MULTILINE)
CHECK = re.compile(r"`([\w-]+):[\w-]+` \((holds|violated)\)")


def problems(folder: Path) -> list[str]:
    """What is wrong with the report of a stopped run."""
    try:
        text = (folder / "FINAL_REPORT.md").read_text(encoding="utf-8")
        page = (folder / "report.html").read_text(encoding="utf-8")
        facts = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return [f"cannot be read: {error}"]
    if not facts["partial"]:
        finished = {file.stem for file in (folder / "results/records").glob("*.json")}
        return [] if len(finished) == 7 else ["a stopped run is told as a whole one"]
    found = [] if "**Partial report.**" in text[:400] and "Partial report." in page else ["it is not marked as partial at its head"]
    found += [] if facts["resume"] in text[:900] and facts["resume"] in page else ["the command that goes on is not on its first page"]
    found += [f"dead link {link}" for link in LINK.findall(text) if not (folder / link).exists() and "/" in link]
    return found + verdicts(folder, text, facts)


def verdicts(folder: Path, text: str, facts: dict[str, Any]) -> list[str]:
    """Verdicts without an execution in the ledger, and tests that are told both ways."""
    executed = started(folder)
    shown = set(SHOWN.findall(text))
    found = [f"{test} is told without an execution" for test in shown if not {f"execute/{test}", f"execute/test-{test}"} & executed]
    found += [f"{test} is shown and not reached" for test in shown & set(facts["not_reached"]["tests"])]
    for verdict, checks in VERDICT.findall(text):
        for test, _ in CHECK.findall(checks):
            found += [] if f"execute/test-{test}" in executed else [f"{verdict}: {test} was not executed"]
    proven = [row["script"] for row in facts["proven_not_logged"]]
    return found + [f"{script} is told and not there" for script in proven if not (folder / script).is_file()]


def started(folder: Path) -> set[str]:
    """Calls of the ledger, without their hashes."""
    ledger = folder / "ledger.jsonl"
    lines = ledger.read_text(encoding="utf-8").splitlines() if ledger.exists() else []
    calls = (json.loads(line)["data"].get("call", "") for line in lines if '"call_committed"' in line or '"call_started"' in line)
    return {call[:-11] for call in calls}


def fingerprints(folder: Path) -> set[str]:
    """Of every defect that a report tells."""
    facts = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    return {row["fingerprint"] for row in [*facts["findings"], *facts.get("proven_not_logged", [])] if "fingerprint" in row}


def states(folder: Path) -> dict[str, str]:
    """Where the phases stand, as the report tells."""
    return dict(json.loads((folder / "findings.json").read_text(encoding="utf-8")).get("not_reached", {}).get("phases", {}))
