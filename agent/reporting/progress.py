"""How far a run has come: what it has not reached, what it has proven without logging it yet, and the command that goes on."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from agent.core.approvals import open_question
from agent.core.artifacts import CATEGORIES, RECORDS, Execution, Proof
from agent.core.clock import earlier_seconds
from agent.core.findings import KINDS
from agent.core.ledger import Ledger
from agent.core.records import finished_phases
from agent.core.roadmap import Entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.workspace import Workspace
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.entries import bug_entry, documentation_entry
from agent.court.evidence import logged_ids
from agent.court.hypotheses import JudgedHypothesis
from agent.court.severity import LEVELS
from agent.court.so_far import is_open
from agent.reporting.checklist import Point
from agent.workload import pipeline_tests

PAGES = ("FINAL_REPORT.md", "report.html", "findings.json")
"""Written with the report itself."""
NOT_REACHED: Literal["not reached"] = "not reached"


@dataclass(frozen=True)
class Progress:
    """What a report of an unfinished mission says first.

    Attributes:
        partial: the mission is not finished.
        resume: the command that goes on.
        phases: each phase, and whether it is finished, begun or not reached.
        tests: planned tests without a committed execution.
        probes: the same for probes.
        hypotheses: ids of those without a verdict because of that.
        sightings: violations that were seen and are not judged yet.
        proven: confirmed defects that phase 6 has not logged yet, worst first.
        bare: ids of findings whose folder is not written yet.
    """

    partial: bool
    resume: str = ""
    phases: tuple[tuple[str, str], ...] = ()
    tests: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    sightings: tuple[str, ...] = ()
    proven: tuple[dict[str, Any], ...] = ()
    bare: tuple[str, ...] = ()


def progress_of(entry: Entry, run: Workspace, target: Target, settings: Settings, execution: Execution | None) -> Progress:
    """How far a run has come; `execution` is what phase 4 has come to so far."""
    done = set(finished_phases(run))
    if len(done) == len(RECORDS):
        return Progress(partial=False)
    catalogue = load_catalogue(settings.project / "components", settings.cache)
    executed = {test.id for test in execution.tests} if execution else set()
    planned = planned_probes(entry, catalogue)
    judged = {proof.key for proof in execution.proofs} if execution else set()
    return Progress(
        partial=True,
        resume=resume_command(run, settings),
        phases=tuple((name, state_of(name, name in done, run)) for name in RECORDS),
        tests=tuple(test for test in [*(t.id for t in pipeline_tests(entry)), *planned] if test not in executed),
        probes=tuple(probe for test, probes in planned.items() if test not in executed for probe in probes),
        sightings=tuple(s.key for s in execution.suspected if s.origin == "probe" and s.key not in judged)
        if execution and is_open(execution)
        else (),
        proven=proven(run, target, catalogue, execution),
        bare=tuple(name for name in logged_ids(Ledger(run.root)).values() if not run.path(f"findings/{name}/proof.json").exists()),
    )


def at_hand(points: list[Point], run: Workspace) -> list[Point]:
    """Criteria, with the evidence that is there, or written with the report."""
    return [replace(one, evidence=tuple(name for name in one.evidence if name in PAGES or (run.root / name).exists())) for one in points]


def state_of(phase: str, finished: bool, run: Workspace) -> str:
    """Where a phase stands, in words."""
    begun = any(run.path(f"results/calls/{phase}").glob("*.json"))
    return "finished" if finished else "begun" if begun else NOT_REACHED


def planned_probes(entry: Entry, catalogue: dict[str, ProbeCard]) -> dict[str, list[str]]:
    """The probes that the mission runs, by the test that runs them."""
    cards = [card for card in catalogue.values() if card.subsystem in entry.subsystems]
    found = {f"probes-{category}": [card.id for card in cards if card.category == category] for category in CATEGORIES}
    return {test: probes for test, probes in found.items() if probes}


def proven(run: Workspace, target: Target, catalogue: dict[str, ProbeCard], execution: Execution | None) -> tuple[dict[str, Any], ...]:
    """Confirmed defects that no finding file lists yet, as they will be listed."""
    listed = {row["id"] for kind in ("bug", "dx") for row in (run.read_json(KINDS[kind].file) or {}).get("findings", [])}
    logged = {key for key, name in logged_ids(Ledger(run.root)).items() if name in listed}
    proofs = [proof for proof in (execution.proofs if execution else ()) if proof.status == "confirmed" and proof.fingerprint not in logged]
    entries = [entry_of(proof, catalogue[proof.key.partition("@")[0]], target) for proof in proofs]
    return tuple(sorted(entries, key=lambda entry: (-LEVELS.index(entry["severity"]), entry["fingerprint"])))


def entry_of(proof: Proof, card: ProbeCard, target: Target) -> dict[str, Any]:
    """One of them."""
    kind = "dx" if card.type == "documentation" else "bug"
    entry = documentation_entry(card, proof) if kind == "dx" else bug_entry(card, proof, target.version)
    return {"kind": kind, "fingerprint": proof.fingerprint, "script": proof.script, **entry}


def reached(judged: list[JudgedHypothesis], progress: Progress) -> list[JudgedHypothesis]:
    """Hypotheses, with "not reached" for checks of tests that are still to come."""
    open_tests = set(progress.tests)
    return [marked(one, open_tests) for one in judged] if progress.partial else judged


def marked(one: JudgedHypothesis, open_tests: set[str]) -> JudgedHypothesis:
    """One of them; what is undecided for want of a test is not reached."""
    checks = {place: NOT_REACHED if place.partition(":")[0] in open_tests else verdict for place, verdict in one.checks.items()}
    waits = one.verdict == "undecided" and (NOT_REACHED in checks.values() or (not checks and bool(open_tests)))
    return replace(one, checks=checks, verdict=NOT_REACHED if waits else one.verdict)


def resume_command(run: Workspace, settings: Settings) -> str:
    """What lets a run go on; with twice the time where what was given is used up."""
    name = f"{run.root.parent.name}/{run.root.name}"
    where = "" if settings.runs.resolve() == settings.project / "runs" else f" --runs {run.root.parent.parent}"
    minutes = (run.read_json("config/run_config.json") or {}).get("minutes") or 0
    more = f" --minutes {2 * minutes:g}" if minutes and earlier_seconds(run) >= minutes * 60 else ""
    return f"python -m agent {'approve' if open_question(run) else '--resume'} {name}{where}{more}"
