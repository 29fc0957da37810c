"""Phase 6: logs what was proven, and only that; a proof folder for each; then the report."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent.core.artifacts import Action, PhaseRecord, Proof, Reporting
from agent.court.catalogue import ProbeCard
from agent.court.entries import bug_entry, documentation_entry
from agent.court.evidence import confirmed_proofs, logged_ids, probe_rows
from agent.court.plays import log_files
from agent.court.severity import LEVELS, severity
from agent.phases.base import Mission, Phase, Plan, absent
from agent.reporting.proof_folder import ProvenDefect, proof_files, proof_record

STRENGTH_CASES = 6
"""Cases of one subsystem that must all hold before it is called a strength."""


def plan(mission: Mission, attempt: int) -> Plan:
    """One finding per confirmed proof, worst first; strengths where everything held; friction points of phase 5."""
    logged: Counter[str] = Counter()
    for proof in ranked(mission, confirmed_proofs(mission.workspace)):
        card = mission.catalogue[proof.key.partition("@")[0]]
        kind = "dx" if card.type == "documentation" else "bug"
        entry = documentation_entry(card, proof) if kind == "dx" else bug_entry(card, proof, mission.target.version)
        done = yield log_action(mission, kind, entry, proof.fingerprint)
        if done.ok:
            logged[kind] += 1
            write_folder(mission, done.result["id"], card, proof)
    for name, entry in strengths(mission):
        done = yield log_action(mission, "strength", entry, f"strength-{name}")
        logged["strength"] += done.ok
    for name, entry in friction(mission):
        done = yield log_action(mission, "dx", entry, f"dx-{name}")
        logged["dx"] += done.ok
    return Reporting(phase="report", artifacts=mission.hashes("findings"), logged=dict(logged))


def log_action(mission: Mission, kind: str, entry: dict[str, Any], key: str) -> Action:
    """Log one finding under an idempotent key."""
    args = {"kind": kind, "entry": entry, "agent": mission.agent_name, "key": key}
    return Action(id=f"{kind}-{key}", tool="log_finding", args=args, why=f"log {kind}: {entry['title']}")


def ranked(mission: Mission, proofs: Iterable[Proof]) -> list[Proof]:
    """Worst first, then by key, so that ids are stable for equal results."""

    def order(proof: Proof) -> tuple[int, str]:
        return -LEVELS.index(severity(mission.catalogue[proof.key.partition("@")[0]])), proof.key

    return sorted(proofs, key=order)


def write_folder(mission: Mission, finding_id: str, card: ProbeCard, proof: Proof) -> None:
    """`findings/<ID>/`: what somebody needs to see, test and report the defect without this project."""
    script = mission.workspace.path(proof.script)
    minimal = script.with_name(Path(proof.minimal).name) if proof.minimal else None
    logs = [file for file in log_files(script, proof.runs) if file.exists()]
    defect = ProvenDefect(
        id=finding_id,
        card=card,
        proof=proof,
        severity=severity(card),
        target=mission.target,
        script=script.read_text(encoding="utf-8"),
        minimal=minimal.read_text(encoding="utf-8") if minimal else "",
        logs=tuple(file.read_text(encoding="utf-8") for file in logs),
    )
    sources = {"repro.py": script, "repro_min.py": minimal} | {f"logs/run-{number}.log": file for number, file in enumerate(logs, 1)}
    for name, text in proof_files(defect, mission.settings.cache).items():
        if source := sources.get(name):
            mission.workspace.link(f"findings/{finding_id}/{name}", source)
        else:
            mission.workspace.write(f"findings/{finding_id}/{name}", text)
    mission.workspace.write_json(f"findings/{finding_id}/proof.json", proof_record(defect))


def strengths(mission: Mission) -> list[tuple[str, dict[str, Any]]]:
    """Subsystems of which every executed case held."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in probe_rows(mission.workspace):
        rows[mission.catalogue[row["probe"]].subsystem].append(row)
    found = []
    for subsystem, cases in sorted(rows.items()):
        judged = [c for c in cases if c["verdict"] in ("holds", "violated", "unknown")]
        if len(judged) >= STRENGTH_CASES and all(c["verdict"] == "holds" for c in judged):
            probes = sorted({c["probe"] for c in judged})
            found.append((subsystem, strength_entry(subsystem, probes, len(judged), mission.target.version)))
    return found


def strength_entry(subsystem: str, probes: list[str], cases: int, version: str) -> dict[str, Any]:
    """A subsystem that kept all its promises."""
    return {
        "title": f"{subsystem}: every tested promise holds",
        "description": f"All {cases} cases of {len(probes)} probes of {subsystem} hold on stageflow {version}.",
        "component": f"stageflow {subsystem}",
        "evidence": f"Probes {', '.join(probes)}; verdicts in results/metrics/probes-*.json.",
        "impact": "medium",
        "context": "Strength means that what was tested held, not that nothing else can be wrong.",
    }


def friction(mission: Mission) -> list[tuple[str, dict[str, Any]]]:
    """Developer-experience aspects scored 2 or lower, with their facts."""
    scores = mission.workspace.read_json("dx_evaluation/scores.json") or []
    return [
        (
            score["aspect"],
            {
                "title": f"Developer experience: {score['aspect'].replace('_', ' ')} scores {score['score']} of 5",
                "description": f"Facts: {'; '.join(f'{k} = {v}' for k, v in score['facts'].items())}. Formula: {score['formula']}",
                "category": score["aspect"],
                "severity": "medium" if score["score"] == 2 else "high",
                "component": "developer experience",
                "impact": "Whoever builds pipelines meets this on the way.",
                "context": "Measured in phase 5; see dx_evaluation/scores.json.",
            },
        )
        for score in scores
        if score["score"] is not None and score["score"] <= 2
    ]


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """Every confirmed proof is a logged finding with its folder."""
    assert isinstance(finished, Reporting)
    proofs = confirmed_proofs(mission.workspace)
    logged = logged_ids(mission.ledger)
    missing = [f"{proof.key} is confirmed but not logged" for proof in proofs if proof.fingerprint not in logged]
    return missing + (absent(mission, "bugs.json") if finished.logged.get("bug") else [])


PHASE = Phase("report", "log every proven finding, one proof folder each", plan, gate)
