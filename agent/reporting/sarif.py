"""SARIF 2.1.0 of a check: probes as rules, findings as results at the place in the target's source that has to change."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agent.court.catalogue import ProbeCard
from agent.reporting.places import place_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
ROOT = "STAGEFLOW"
"""Base of the file names: the folder that holds the package."""
FINGERPRINT = "stageflowDefect/v1"


def sarif(result: Mapping[str, Any], catalogue: Mapping[str, ProbeCard], package: Path | None = None) -> dict[str, Any]:
    """The SARIF log of a check's result.

    Args:
        result: as `check` writes it; each finding names its `probe`.
        catalogue: the probes.
        package: the target's folder `stageflow/`; without it, results are placed at their scripts.
    """
    findings = list(result["findings"])
    rules = sorted({found["probe"] for found in findings})
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "stageflow-reliability-agent", "rules": [rule(name, findings, catalogue) for name in rules]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": list(notes(result))}],
        "results": [sarif_result(found, rules, catalogue, package) for found in findings],
    }
    if package is not None:
        base = package.resolve().parent.as_uri().rstrip("/") + "/"
        run["originalUriBaseIds"] = {ROOT: {"uri": base, "description": {"text": "the folder that holds the package stageflow"}}}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def rule(name: str, findings: Iterable[Mapping[str, Any]], catalogue: Mapping[str, ProbeCard]) -> dict[str, Any]:
    """A probe as a rule, with its help."""
    found = next(each for each in findings if each["probe"] == name)
    card = catalogue.get(name)
    if card is None:
        claim = found["claim"]["text"]
        return {"id": name, "shortDescription": {"text": found["title"]}, "fullDescription": {"text": claim}, "help": {"text": claim}}
    rows = {"Claim": card.claim, "Source of the claim": card.source, "Impact": card.impact, "Repair": card.recommendation}
    rows |= {"Workaround": card.workaround} if card.workaround else {}
    return {
        "id": name,
        "shortDescription": {"text": card.title},
        "fullDescription": {"text": card.claim},
        "help": {
            "text": "\n".join(f"{label}: {text}" for label, text in rows.items()),
            "markdown": "\n\n".join(f"**{label}.** {text}" for label, text in rows.items()),
        },
        "defaultConfiguration": {"level": LEVELS[found["severity"]]},
        "properties": {"tags": sorted({card.subsystem, card.category, card.type}), "precision": "very-high"},
    }


def sarif_result(found: Mapping[str, Any], rules: list[str], catalogue: Mapping[str, ProbeCard], package: Path | None) -> dict[str, Any]:
    """A finding as a result; one that is not confirmed asks for a review and has no level."""
    name = found["probe"]
    confirmed = found["status"] == "confirmed"
    said = f"{found['title']}. Expected {found['expected']}; observed {found['observed']}."
    record: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": rules.index(name),
        "kind": "fail" if confirmed else "review",
        "level": LEVELS[found["severity"]] if confirmed else "none",
        "message": {"text": said if confirmed else f"{said} Not confirmed: {found['reason']}."},
        "partialFingerprints": {FINGERPRINT: found["fingerprint"]},
        "properties": {key: found[key] for key in ("status", "severity", "component", "type", "reason", "repro")},
    }
    if places := locations(found, catalogue.get(name), package):
        record["locations"] = places
    return record


def locations(found: Mapping[str, Any], card: ProbeCard | None, package: Path | None) -> list[dict[str, Any]]:
    """Where the defect is: the declared cause, else the component, else the script that shows it."""
    causes = [found["cause"] or (card.cause if card else ""), found["component"]]
    place = next((p for name in causes if name and package and (p := place_of(name, package))), None)
    logical = [{"fullyQualifiedName": found["component"]}]
    if place:
        where = {"artifactLocation": {"uri": place.file, "uriBaseId": ROOT}, "region": {"startLine": place.line}}
        return [{"physicalLocation": where, "logicalLocations": logical}]
    script = Path(found["repro"]) if found["repro"] else None
    if script is None:
        return []
    uri = script.as_uri() if script.is_absolute() else script.as_posix()
    return [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}, "logicalLocations": logical}]


def notes(result: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Cases without a verdict, as notifications."""
    for case in result.get("unknown_cases", ()):
        yield {"level": "warning", "message": {"text": f"{case['probe']}, case {case['case']}: no verdict: {case['reason']}"}}
