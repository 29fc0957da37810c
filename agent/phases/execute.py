"""Phase 4: the seven test categories, every log analysed at once, every sighting taken to court."""

import zlib
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.core.artifacts import CATEGORIES, Action, CallResult, Execution, PhaseRecord, Proof, Sighting, TestCategory, TestRun
from agent.court.causes import Suspicion, by_declaration
from agent.court.entries import documentation_entry
from agent.court.evidence import pipeline_result as evidence_of
from agent.court.session import ATTEMPTS
from agent.court.severity import LEVELS, severity
from agent.court.trials import CaseVerdict, smallest
from agent.court.warm import Codes, Played, name_of
from agent.phases.base import Mission, Phase, Plan, absent
from agent.workload import PipelineTest, pipeline_tests

SEARCH, SEARCH_EACH = 3.0, 0.3
"""Real seconds that a category may search beyond the fixed cases, and what each probe that can be explored adds."""
ABREAST = 40
"""Proofs that are started together; as many run at once as there are cores."""

SHRUNK = ("critical", "high")
"""Severities of which the script is made smaller as well: that takes a second or two for each."""


def plan(mission: Mission, attempt: int) -> Plan:
    """The probes of each category, proofs of what they saw violated, pipeline tests, then tests that repeat it all.

    In order of value: whoever stops the mission early has the defects that were proven, the worst first.
    """
    tests: list[TestRun] = []
    seen: list[Sighting] = []
    flags = 0
    verdicts: list[CaseVerdict] = []
    for category, action in probe_actions(mission):
        done, name = (yield action), action.id
        tests.append(TestRun(id=name, category=category, checks=done.result.get("checks", {}), call_id=done.call_id))
        if done.ok:
            verdicts += [CaseVerdict.model_validate(row) for row in mission.workspace.read_json(done.result["file"]) or []]
            seen += [Sighting.model_validate(s) for s in done.result["sightings"]]
            analysis = yield Action(
                id=f"log-{name}", tool="analyze_logs", args={"log": done.result["log"], "name": name}, why=f"analyse the log of {name}"
            )
            flags += len(analysis.result.get("flags", []))
    proofs: list[Proof] = []
    suspicions = worst_first(by_declaration(smallest(verdicts), mission.catalogue), mission)
    rows = Evidence(verdicts, (yield from played(suspicions, tests)))
    for suspicion, beside in with_beside(mission, suspicions, rows):
        proofs += yield from taken_to_court(mission, suspicion, rows, beside)
    whole, flagged = yield from pipelines_tested(mission)
    tests, flags = [*whole, *tests], flags + flagged
    seen = [sighting for test in pipeline_tests(mission.entry) for sighting in pipeline_sightings(mission, test)] + seen
    yield Action(
        id="tests", tool="write_tests", args={"verdict_files": verdict_files(tests)}, why="write pytest files that repeat every verdict"
    )
    confirmed = {key for proof in proofs if proof.status == "confirmed" for key in (proof.key, *proof.also_seen)}
    return Execution(
        phase="execute",
        artifacts=mission.hashes("tests", "results/metrics", "findings/proofs"),
        tests=tuple(tests),
        proofs=tuple(proofs),
        suspected=tuple(s for s in seen if s.key not in confirmed),
        log_flags=flags,
    )


def probe_actions(mission: Mission) -> list[tuple[TestCategory, Action]]:
    """The probes of each category; a mission that has the machine to itself plays as many at once as there are cores, longest first."""
    found = []
    for category in CATEGORIES:
        if chosen := probes_of(mission, category):
            args = {"name": f"probes-{category}", "probes": chosen, **search(mission, category, chosen)}
            found.append((category, Action(id=args["name"], tool="run_probes", args=args, why=f"{len(chosen)} {category} probes")))
    if found and not mission.settings.shared:
        category, first = found[0]
        others = [action for _, action in found[1:]]
        others.sort(key=lambda action: (action.args["search"], len(action.args["probes"])), reverse=True)
        found[0] = category, first.model_copy(update={"beside": tuple(others)})
    return found


def worst_first(suspicions: Sequence[Suspicion], mission: Mission) -> list[Suspicion]:
    """Suspicions by the severity of what is proven first."""
    return sorted(suspicions, key=lambda suspicion: -LEVELS.index(severity(mission.catalogue[suspicion.rows[0].probe])))


def pipelines_tested(mission: Mission) -> Generator[Action, CallResult, tuple[list[TestRun], int]]:
    """Tests of the generated pipelines, their logs analysed; how many patterns were flagged."""
    tests: list[TestRun] = []
    flags = 0
    for test in pipeline_tests(mission.entry):
        done = yield pipeline_action(test)
        tests.append(pipeline_result(mission, test, done))
        if done.ok:
            analysis = yield Action(
                id=f"log-{test.id}",
                tool="analyze_logs",
                args={"log": done.result["log"], "name": test.id},
                why=f"analyse the log of {test.id}",
            )
            flags += len(analysis.result.get("flags", []))
    return tests, flags


def search(mission: Mission, category: str, probes: list[str]) -> dict[str, Any]:
    """How long to search beyond the fixed cases; every entry draws other cases, and in a batch in one category only, by turns."""
    explorable = sum(mission.catalogue[probe].explorable for probe in probes)
    seed = zlib.crc32(mission.entry.id.encode())
    share = not mission.settings.shared or CATEGORIES[seed % len(CATEGORIES)] == category
    return {"search": min(SEARCH, SEARCH_EACH * explorable) * share, "seed": seed % 10_000}


@dataclass(frozen=True)
class Evidence:
    """What is known of violated cases before they are taken to court.

    Attributes:
        verdicts: of all cases, controls included.
        codes: exit codes of scripts that were played beforehand.
    """

    verdicts: list[CaseVerdict]
    codes: Codes = field(default_factory=dict)


def played(suspicions: Sequence[Suspicion], tests: Iterable[TestRun]) -> Generator[Action, CallResult, Codes]:
    """The scripts of the suspicions' first cases, played together; without them every process is a new one."""
    cases = [name_of(suspicion.rows[0]) for suspicion in suspicions]
    files = verdict_files(test for test in tests if test.id.startswith("probes-"))
    args = {"verdict_files": files, "cases": cases}
    done = yield Action(id="scripts", tool="play_scripts", args=args, why=f"play {len(cases)} scripts in forks of one process")
    return Played.model_validate(done.result).codes if done.ok else {}


def with_beside(mission: Mission, suspicions: Sequence[Suspicion], known: Evidence) -> Iterator[tuple[Suspicion, tuple[Action, ...]]]:
    """Every suspicion with what may be proven at the same time: the first of each ABREAST also starts the others' first proofs."""
    for start in range(0, len(suspicions), ABREAST):
        first, *others = suspicions[start : start + ABREAST]
        yield first, tuple(proof_action(mission, other.rows[0], known) for other in others)
        yield from ((other, ()) for other in others)


def taken_to_court(
    mission: Mission, suspicion: Suspicion, known: Evidence, beside: tuple[Action, ...] = ()
) -> Generator[Action, CallResult, list[Proof]]:
    """Prove one of the violations with one cause; a page that contradicts the behaviour is logged at once, with its section."""
    proofs: list[Proof] = []
    for row in suspicion.rows[:ATTEMPTS]:
        done = yield proof_action(mission, row, known).model_copy(update={"beside": beside})
        if not done.ok:
            continue
        proof = Proof.model_validate(done.result)
        if proof.status == "confirmed":
            also = tuple(other.key for other in suspicion.rows if other is not row)
            return [(yield from logged_at_once(mission, proof.model_copy(update={"also_seen": also})))]
        proofs.append(proof)
    return proofs


def logged_at_once(mission: Mission, proof: Proof) -> Generator[Action, CallResult, Proof]:
    """Log the finding now when it is about the documentation."""
    card = mission.catalogue[proof.key.partition("@")[0]]
    if card.type == "documentation":
        entry = documentation_entry(card, proof)
        args = {"kind": "dx", "entry": entry, "agent": mission.agent_name, "key": proof.fingerprint}
        yield Action(id=f"documentation-{proof.fingerprint}", tool="log_finding", args=args, why=f"log at once: {entry['title']}")
    return proof


def pipeline_action(test: PipelineTest) -> Action:
    """Run one test of a generated pipeline."""
    args = {
        "file": f"pipelines/{test.pipeline}.py",
        "args": ["--test", test.id, "--out", f"results/metrics/{test.id}.json"],
        "seconds": test.seconds,
        "name": test.id,
        "warm": True,
    }
    return Action(id=f"test-{test.id}", tool="run_code", args=args, why=f"{test.category}: {test.id} on the {test.pipeline} pipeline")


def checks_of(mission: Mission, test: str) -> list[dict[str, Any]]:
    """The checks a pipeline test wrote; none when it wrote nothing."""
    return list(evidence_of(mission.workspace, test)["checks"])


def pipeline_result(mission: Mission, test: PipelineTest, done: CallResult) -> TestRun:
    """What a pipeline test came to; one that broke counts as one unknown check."""
    broke = not done.ok or done.result["exit_code"] != 0
    counts = Counter(check["verdict"] for check in checks_of(mission, test.id))
    if broke or not counts:
        counts = Counter({"unknown": 1})
    return TestRun(id=test.id, category=test.category, checks=dict(counts), call_id=done.call_id)


def pipeline_sightings(mission: Mission, test: PipelineTest) -> list[Sighting]:
    """Violated checks of a pipeline test."""
    violated = [check for check in checks_of(mission, test.id) if check["verdict"] == "violated"]
    return [Sighting(key=f"{test.id}:{check['id']}", case=check["id"], origin="pipeline") for check in violated]


def probes_of(mission: Mission, category: str) -> list[str]:
    """Probes of one category that test the entry's subsystems."""
    return [c.id for c in mission.catalogue.values() if c.category == category and c.subsystem in mission.entry.subsystems]


def proof_action(mission: Mission, row: CaseVerdict, known: Evidence) -> Action:
    """Take a violated case to court."""
    shrink = severity(mission.catalogue[row.probe]) in SHRUNK
    control = next((v for v in known.verdicts if v.control and (v.probe, v.case) == (row.probe, row.case)), None)
    args = {
        "control": control.verdict if control else "unknown",
        "control_reached": control and control.reached,
        "shrink": shrink,
        "warm": known.codes.get(name_of(row), ()),
    } | row.model_dump(include={"probe", "case", "component", "title", "params", "expected", "observed"})
    slug = row.key.replace("/", ".").replace("@", "-")
    return Action(id=f"prove-{slug}"[:120], tool="prove", args=args, why=f"prove: {row.title}")


def verdict_files(tests: Iterable[TestRun]) -> list[str]:
    """Metrics files whose verdicts the written tests repeat."""
    return [f"results/metrics/{test.id}.json" for test in tests]


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """All seven categories executed, every executed test has its three log files, every verdict can be repeated."""
    assert isinstance(finished, Execution)
    ran = {test.category for test in finished.tests if set(test.checks) - {"unknown"}}
    missing = [f"no {category} test came to a verdict" for category in CATEGORIES if category not in ran]
    for test in finished.tests:
        missing += absent(mission, *(f"results/logs/{test.id}_{kind}" for kind in ("analysis.md", "stats.json", "errors.json")))
    missing += absent(mission, "tests/verdicts.json")
    for proof in finished.proofs:
        missing += absent(mission, proof.script)
    return missing


PHASE = Phase("execute", "seven test categories, log analysis, proof of every sighting", plan, gate)
