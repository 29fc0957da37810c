"""Phase 7: what to change in the framework, for the industry, and in Stageflow Plus; each tied to a finding or a measurement."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import yaml

from agent.core.artifacts import Action, PhaseRecord, Recommendations
from agent.core.findings import MEASURED
from agent.court.criteria import Judged, judge_criteria
from agent.court.evidence import confirmed_proofs, logged_ids
from agent.court.severity import LEVELS, severity
from agent.phases.base import Mission, Phase, Plan

Findings = dict[str, list[tuple[str, str]]]
"""Subsystem to (finding id, severity) of its confirmed defects in this run."""


def plan(mission: Mission, attempt: int) -> Plan:
    """One improvement per weak subsystem, per criterion missed, per suggestion that a finding of this run supports."""
    found = findings_by_subsystem(mission)
    wanted = [*hardening(found, mission), *criteria(mission), *suggestions(mission, found)]
    logged = 0
    for key, entry in wanted:
        args = {"kind": "improvement", "entry": entry, "agent": mission.agent_name, "key": key}
        done = yield Action(id=key, tool="log_finding", args=args, why=f"suggest: {entry['title']}")
        logged += done.ok
    return Recommendations(phase="recommend", artifacts=mission.hashes("improvements.json"), logged=logged)


def findings_by_subsystem(mission: Mission) -> Findings:
    """Ids of this run's confirmed findings, by the subsystem of the probe that saw them."""
    ids = logged_ids(mission.ledger)
    found: Findings = defaultdict(list)
    for proof in confirmed_proofs(mission.workspace):
        card = mission.catalogue[proof.key.partition("@")[0]]
        if finding_id := ids.get(proof.fingerprint):
            found[card.subsystem].append((finding_id, severity(card)))
    return {subsystem: sorted(rows) for subsystem, rows in sorted(found.items())}


def perspective(mission: Mission) -> str:
    """Whose eyes it is seen with."""
    persona = mission.entry.domain.persona
    return f"As {persona.role} at {persona.organisation}: {persona.worries[0]}"


def hardening(found: Findings, mission: Mission) -> Iterable[tuple[str, dict[str, Any]]]:
    """Per subsystem: repair what was found, in order of severity."""
    for subsystem, rows in found.items():
        worst = max((level for _, level in rows), key=LEVELS.index)
        ids = ", ".join(f"{finding_id} ({level})" for finding_id, level in rows)
        yield (
            f"harden-{subsystem}",
            {
                "title": f"Repair {subsystem}: {len(rows)} confirmed finding{'s' if len(rows) > 1 else ''}, the worst {worst}",
                "description": f"{ids} were confirmed in {subsystem}. The script in each finding's folder turns from 1 to 0 when repaired.",
                "type": "improvement",
                "priority": {"critical": "P0", "high": "P0", "medium": "P1"}.get(worst, "P2"),
                "category": subsystem,
                "context": f"Mission {mission.entry.id} on stageflow {mission.target.version}.",
                "rationale": f"Confirmed: {ids}.",
                "proposed_solution": "Follow the recommendation of each finding and add its repro.py to the framework's own tests.",
                "roleplay_perspective": perspective(mission),
            },
        )


def criteria(mission: Mission) -> Iterable[tuple[str, dict[str, Any]]]:
    """Per success criterion that was measured and missed: state the limit as a documented service level."""
    for judged in judge_criteria(mission.entry, mission.workspace):
        if judged.verdict == "missed":
            yield f"criterion-{judged.criterion.id}", missed(mission, judged)


def missed(mission: Mission, judged: Judged) -> dict[str, Any]:
    """Suggestion for a missed criterion, with the number that was measured."""
    wanted = f"{judged.criterion.op} {judged.criterion.value:g} {judged.criterion.unit}".strip()
    return {
        "title": f"Document what to expect: {judged.criterion.statement}",
        "description": f"Wanted {wanted}; measured {judged.measured:g} on this machine ({judged.criterion.metric}).",
        "type": "documentation",
        "priority": "P1",
        "category": MEASURED,
        "context": f"Measured in {mission.entry.id}; the machine is in config/environment.json.",
        "rationale": "A team that plans for this load needs to know the framework's limits before production.",
        "proposed_solution": "Publish throughput and latency of reference pipelines per release, measured by the framework's own suite.",
        "roleplay_perspective": perspective(mission),
    }


def suggestions(mission: Mission, found: Findings) -> Iterable[tuple[str, dict[str, Any]]]:
    """Components, stage kinds and patterns of the catalogue whose subsystems have a confirmed finding in this run."""
    catalogue = yaml.safe_load((mission.settings.project / "docs/roadmap/suggestions.yaml").read_text(encoding="utf-8"))
    for item in catalogue["suggestions"]:
        supporting = [finding_id for subsystem in item["subsystems"] for finding_id, _ in found.get(subsystem, [])]
        if supporting:
            entry = {key: item[key] for key in ("title", "description", "type", "priority", "rationale", "proposed_solution")}
            entry |= {
                "category": "plus_package",
                "context": f"Supported by {', '.join(supporting)}.",
                "roleplay_perspective": perspective(mission),
            }
            yield f"plus-{item['id']}", entry


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """Confirmed findings lead to at least one improvement."""
    assert isinstance(finished, Recommendations)
    return ["findings were confirmed but nothing is recommended"] if confirmed_proofs(mission.workspace) and not finished.logged else []


PHASE = Phase("recommend", "framework, industry and Stageflow Plus suggestions", plan, gate)
