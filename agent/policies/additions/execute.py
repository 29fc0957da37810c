"""Phase 4, added: probes for added hypotheses, and probes that a model wrote; each violation goes to the same court as any other."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from agent.core.artifacts import Action, Execution, Proof, Sighting, TestRun
from agent.court.catalogue import ProbeCard
from agent.court.causes import Suspicion, by_declaration, cause_of
from agent.court.trials import CaseVerdict, smallest
from agent.court.written import AREA, refusal
from agent.models.added import researched
from agent.phases.base import Mission, Plan
from agent.phases.execute import Evidence, taken_to_court
from agent.policies.additions import probes
from agent.policies.additions.notes import Step, attempted, noted

MORE = 24
"""Most probes of the library that added hypotheses bring in."""
COURT = 12
"""Most violations of these that are proven."""
WRITTEN = 3
"""Probes that a model is asked to write."""


def additions(mission: Mission, floor: Execution) -> Plan:
    """First the library, then what the model writes, unless the sandbox is too weak for that; each step stands or falls by itself."""
    record = yield from attempted(from_library(mission, floor), floor, mission, "execute", "probes for added hypotheses")
    if why := refusal(mission.settings):
        noted(mission, "execute", "probes that a model writes", why)
        return record
    tried: list[str] = []
    for number in range(1, WRITTEN + 1):
        step = from_model(mission, record, number, tried)
        record = yield from attempted(step, record, mission, "execute", f"written probe {number}")
    return record


def from_library(mission: Mission, record: Execution) -> Step[Execution]:
    """Probes of the subsystems that added hypotheses name and the playbook did not run."""
    chosen: dict[str, list[str]] = defaultdict(list)
    for card in wanted(mission):
        chosen[card.category].append(card.id)
    rows: list[CaseVerdict] = []
    for category, ids in chosen.items():
        name = f"probes-model-{category}"
        why = f"{len(ids)} {category} probes for added hypotheses"
        done = yield Action(id=name, tool="run_probes", args={"name": name, "probes": ids}, why=why)
        if not done.ok:
            continue
        test = TestRun.model_validate({"id": name, "category": category, "checks": done.result["checks"], "call_id": done.call_id})
        record = yield from with_test(mission, record, test, done.result)
        rows += read_rows(mission, done.result["file"])
    for suspicion in new_ones(by_declaration(smallest(rows), mission.catalogue), mission, record)[:COURT]:
        proofs = yield from taken_to_court(mission, suspicion, Evidence(rows))
        record = with_proofs(mission, record, proofs)
    return record


def wanted(mission: Mission) -> list[ProbeCard]:
    """Cards for the added hypotheses, in the hypotheses' order."""
    added = researched(mission.workspace).get("hypotheses", [])
    named = dict.fromkeys(name for row in added for name in row["subsystems"] if name not in mission.entry.subsystems)
    cards = [card for name in named for card in mission.catalogue.values() if card.subsystem == name and not card.id.startswith(AREA)]
    return cards[:MORE]


def from_model(mission: Mission, record: Execution, number: int, tried: list[str]) -> Step[Execution]:
    """One probe that the model writes, played, and its violation taken to court."""
    done = yield from probes.written(mission, number, tried)
    if done is None or not done.ok or not done.result.get("ok"):
        return record
    rows = read_rows(mission, done.result["file"])
    card = mission.catalogue[rows[0].probe]
    name = done.result["file"].rpartition("/")[2].removesuffix(".json")
    test = TestRun.model_validate({"id": name, "category": card.category, "checks": done.result["checks"], "call_id": done.call_id})
    before = judged_rows(mission, record)
    record = yield from with_test(mission, record, test, done.result)
    for row in smallest(rows):
        if twin := known_defect(row, card, before, mission, record):
            noted(mission, "execute", f"{row.key}, {row.case}", f"not taken to court: it may be the same defect as {twin}")
            continue
        proofs = yield from taken_to_court(mission, Suspicion(row.key, (row,)), Evidence(rows))
        record = with_proofs(mission, record, proofs)
    return record


def read_rows(mission: Mission, file: str) -> list[CaseVerdict]:
    """Verdicts in a file of the run."""
    return [CaseVerdict.model_validate(row) for row in mission.workspace.read_json(file) or []]


def with_test(mission: Mission, record: Execution, test: TestRun, result: dict[str, Any]) -> Step[Execution]:
    """The record with an executed test, its log analysed and its violations as suspected."""
    why = f"analyse the log of {test.id}"
    analysis = yield Action(id=f"log-{test.id}", tool="analyze_logs", args={"log": result["log"], "name": test.id}, why=why)
    known = {s.key for s in record.suspected} | keys_of(record.proofs)
    seen = [s for s in map(Sighting.model_validate, result["sightings"]) if s.key not in known]
    return record.model_copy(
        update={
            "tests": (*record.tests, test),
            "suspected": (*record.suspected, *seen),
            "log_flags": record.log_flags + len(analysis.result.get("flags", [])),
            "artifacts": mission.hashes(result["file"]) | record.artifacts,
        }
    )


def with_proofs(mission: Mission, record: Execution, proofs: Iterable[Proof]) -> Execution:
    """The record with proofs; what is confirmed is no longer only suspected."""
    added = tuple(proofs)
    confirmed = keys_of(proof for proof in added if proof.status == "confirmed")
    return record.model_copy(
        update={
            "proofs": (*record.proofs, *added),
            "suspected": tuple(s for s in record.suspected if s.key not in confirmed),
            "artifacts": mission.hashes(*(proof.script for proof in added)) | record.artifacts,
        }
    )


def keys_of(proofs: Iterable[Proof]) -> set[str]:
    """Keys of everything that proofs cover."""
    return {key for proof in proofs for key in (proof.key, *proof.also_seen)}


def judged_rows(mission: Mission, record: Execution) -> list[CaseVerdict]:
    """Violated cases of all probes that the record has run."""
    files = [f"results/metrics/{test.id}.json" for test in record.tests if test.id.startswith("probes-")]
    return [row for file in files for row in read_rows(mission, file) if row.verdict == "violated" and not row.control]


def new_ones(found: list[Suspicion], mission: Mission, record: Execution) -> list[Suspicion]:
    """Suspicions whose cause and keys the record does not have yet."""
    keys = keys_of(record.proofs)
    causes = {row.cause for row in judged_rows(mission, record) if row.cause and row.key in keys}
    return [s for s in found if s.cause not in causes and not keys & {row.key for row in s.rows}]


def known_defect(row: CaseVerdict, card: ProbeCard, before: list[CaseVerdict], mission: Mission, record: Execution) -> str:
    """Key of a violation seen before that may be the same defect: the same key, or a declared cause that this case entered.

    When this case says which function it comes from, only that function counts.
    """
    if row.key in keys_of(record.proofs):
        return row.key
    own = cause_of(card, row, row.entered)
    places = {own} if own else set(row.entered)
    for other in before:
        declared = other.cause or mission.catalogue[other.probe].cause
        if declared.partition(" #")[0] in places or (own and own == cause_of(mission.catalogue[other.probe], other, row.entered)):
            return other.key
    return ""
