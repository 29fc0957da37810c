"""Everything a report says, read from the run folder; a sentence without evidence cannot be rendered."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from agent.core.artifacts import (
    CATEGORIES,
    RECORDS,
    Construction,
    Evaluation,
    Execution,
    PhaseRecord,
    Recommendations,
    Reporting,
    Research,
    Simulation,
)
from agent.core.finding_rows import finding_rows
from agent.core.findings import FindingKind
from agent.core.records import read_record
from agent.core.roadmap import Entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.workspace import Workspace
from agent.court.criteria import Judged, judge_criteria
from agent.court.evidence import pipeline_result, probe_rows
from agent.court.hypotheses import JudgedHypothesis, judge_hypotheses
from agent.court.so_far import Committed, execution_so_far, is_open
from agent.reporting.checklist import Point, success_checklist
from agent.reporting.progress import NOT_REACHED, Progress, at_hand, progress_of, reached

FILES: dict[str, FindingKind] = {"bugs": "bug", "dx": "dx", "improvements": "improvement", "strengths": "strength"}
LEVELS = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True)
class RunFacts:
    """What the templates may use; missing phases are None and the templates say so."""

    entry: Entry
    run: str
    target: Target
    config: dict[str, Any]
    environment: dict[str, Any]
    research: Research | None
    simulation: Simulation | None
    construction: Construction | None
    execution: Execution | None
    evaluation: Evaluation | None
    reporting: Reporting | None
    recommendations: Recommendations | None
    findings: dict[str, list[dict[str, Any]]]
    by_severity: dict[str, int]
    by_component: dict[str, int]
    categories: list[dict[str, Any]]
    tests: list[dict[str, Any]]
    strategies: list[dict[str, Any]]
    criteria: list[Judged]
    hypotheses: list[JudgedHypothesis]
    load: list[dict[str, Any]]
    unknown: list[dict[str, Any]]
    suspected: list[dict[str, Any]]
    logs: list[dict[str, Any]]
    searches: list[dict[str, Any]]
    citations: list[dict[str, Any]]
    missing: list[str]
    checklist: list[Point]
    progress: Progress


def gather(entry: Entry, run: Workspace, target: Target, settings: Settings) -> RunFacts:
    """Read a run folder; of an unfinished mission, what its committed calls came to."""
    execution = execution_so_far(entry, run)
    progress = progress_of(entry, run, target, settings, execution)
    workspace = Committed(run, execution) if is_open(execution) or execution is None else run
    findings = {name: finding_rows(workspace, kind) for name, kind in FILES.items()}
    severities = Counter(bug["severity"] for bug in findings["bugs"])
    components = Counter(".".join(bug["component"].split(".")[1:3]) for bug in findings["bugs"])
    checks = {test: checks_of(workspace, test) for test in tests_of(execution)}
    records = [read_record(workspace, cls) for cls in RECORDS.values()]
    hypotheses = reached(judge_hypotheses(entry, workspace), progress)
    progress = replace(progress, hypotheses=tuple(one.hypothesis.id for one in hypotheses if one.verdict == NOT_REACHED))
    return RunFacts(
        entry=entry,
        run=workspace.root.name,
        target=target,
        config=workspace.read_json("config/run_config.json") or {},
        environment=workspace.read_json("config/environment.json") or {},
        research=read_record(workspace, Research),
        simulation=read_record(workspace, Simulation),
        construction=read_record(workspace, Construction),
        execution=execution,
        evaluation=read_record(workspace, Evaluation),
        reporting=read_record(workspace, Reporting),
        recommendations=read_record(workspace, Recommendations),
        findings=findings,
        by_severity={level: severities[level] for level in LEVELS if severities[level]},
        by_component=dict(components.most_common(12)),
        categories=category_rows(execution),
        tests=test_rows(workspace, execution),
        strategies=strategy_rows(checks),
        criteria=judge_criteria(entry, workspace),
        hypotheses=hypotheses,
        load=load_rows(workspace, execution),
        unknown=unknown_rows(workspace, checks),
        suspected=suspected_rows(execution, checks, findings["bugs"], frozenset(progress.sightings)),
        logs=log_rows(workspace, execution),
        searches=workspace.read_json("research/search_results.json") or [],
        citations=workspace.read_json("research/citations.json") or [],
        missing=missing_lines(records),
        checklist=at_hand(success_checklist(workspace), run),
        progress=progress,
    )


def missing_lines(records: list[PhaseRecord | None]) -> list[str]:
    """What gates still wanted, and phases that were not reached."""
    lines = []
    for name, record in zip(RECORDS, records, strict=True):
        lines += [f"{name}: not finished"] if record is None else [f"{name}: {line}" for line in record.missing]
    return lines


def tests_of(execution: Execution | None) -> list[str]:
    """Ids of the pipeline tests."""
    return [test.id for test in execution.tests if not test.id.startswith("probes-")] if execution else []


def checks_of(workspace: Workspace, test: str) -> list[dict[str, Any]]:
    """Checks of a pipeline test."""
    return list(pipeline_result(workspace, test)["checks"])


def category_rows(execution: Execution | None) -> list[dict[str, Any]]:
    """Verdict counts per category."""
    rows = []
    for category in CATEGORIES:
        tests = [test for test in execution.tests if test.category == category] if execution else []
        counts: Counter[str] = Counter()
        for test in tests:
            counts.update(test.checks)
        rows.append(
            {"category": category, "tests": len(tests), **{v: counts[v] for v in ("holds", "violated", "unknown", "not_applicable")}}
        )
    return rows


def test_rows(workspace: Workspace, execution: Execution | None) -> list[dict[str, Any]]:
    """One row per executed test, with its numbers and files."""
    rows = []
    for test in execution.tests if execution else ():
        seconds = pipeline_result(workspace, test.id).get("seconds")
        rows.append({"id": test.id, "category": test.category, "checks": test.checks, "seconds": seconds, "call": test.call_id})
    return rows


def strategy_rows(checks: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The seven ways to catch silent failures: how often each was used and what it came to."""
    counts: dict[str, Counter[str]] = {}
    for rows in checks.values():
        for row in rows:
            if row.get("strategy"):
                counts.setdefault(row["strategy"], Counter())[row["verdict"]] += 1
    return [{"strategy": name, **{v: c[v] for v in ("holds", "violated", "unknown")}} for name, c in sorted(counts.items())]


def load_rows(workspace: Workspace, execution: Execution | None) -> list[dict[str, Any]]:
    """Steps of every load test."""
    rows = []
    for test in tests_of(execution):
        metrics = pipeline_result(workspace, test)["metrics"]
        rows += [{"test": test, "step": name, **step} for name, step in metrics.get("steps", {}).items()]
    return rows


def unknown_rows(workspace: Workspace, checks: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Everything that came to no verdict."""
    rows = [{"what": f"{r['probe']} ({r['case']})", "why": r["reason"]} for r in probe_rows(workspace) if r["verdict"] == "unknown"]
    for test, found in checks.items():
        rows += [{"what": f"{test}: {c['id']}", "why": c["observed"]} for c in found if c["verdict"] == "unknown"]
    return rows


def suspected_rows(
    execution: Execution | None, checks: dict[str, list[dict[str, Any]]], bugs: list[dict[str, Any]], open_: frozenset[str]
) -> list[dict[str, Any]]:
    """Sightings that were not confirmed, with the reason."""
    if not execution:
        return []
    proofs = {proof.key: proof for proof in execution.proofs}
    by_check = {f"{test}:{c['id']}": c for test, found in checks.items() for c in found}
    rows = []
    for sighting in execution.suspected:
        if proof := proofs.get(sighting.key):
            rows.append({"what": sighting.key, "status": proof.status, "why": proof.reason, "observed": proof.observed})
        elif check := by_check.get(sighting.key):
            quoted = not check["source"].startswith("invariant:")
            near = [bug["id"] for bug in bugs if quoted and f"(source: {check['source']})" in bug["expected_behavior"]]
            isolated = f"the same promise is broken in {', '.join(near)}" if near else "not isolated to a stand-alone script"
            why = f"seen in a whole pipeline; {isolated}; not logged as a bug of its own"
            rows.append(
                {
                    "what": sighting.key,
                    "status": "suspected",
                    "why": why,
                    "observed": f"expected {check['expected']}; observed {check['observed']}",
                }
            )
        elif sighting.key in open_:
            rows.append({"what": sighting.key, "status": NOT_REACHED, "why": "the court has not come to it yet", "observed": ""})
        else:
            rows.append({"what": sighting.key, "status": "unknown", "why": "the court could not judge it", "observed": ""})
    return rows


def log_rows(workspace: Workspace, execution: Execution | None) -> list[dict[str, Any]]:
    """Log statistics per test whose log is analysed."""
    rows = []
    for test in execution.tests if execution else ():
        if not workspace.path(f"results/logs/{test.id}_analysis.md").exists():
            continue
        stats = workspace.read_json(f"results/logs/{test.id}_stats.json") or {}
        rows.append({"test": test.id, "stats": stats})
    return rows
