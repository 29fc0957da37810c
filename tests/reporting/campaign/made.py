"""Run folders for the campaign, written by the shipped records, ledger and workspace."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.core.artifacts import (
    CATEGORIES,
    AspectScore,
    Construction,
    Evaluation,
    Execution,
    Proof,
    Recommendations,
    Reporting,
    Research,
    Simulation,
    TestRun,
)
from agent.core.ledger import Ledger
from agent.core.records import write_record
from agent.core.workspace import Workspace
from agent.court.proof import fingerprint

TARGET = {"1.2.0": "fdb735ccc8c3d928", "1.1.0": "0123456789abcdef"}
PART = "stageflow.pipeline.dag.UnifiedStageGraph.run"


def bug(title: str = "A run ends others", severity: str = "high", component: str = PART, **more: str) -> dict[str, str]:
    """A finding as the ledger takes it."""
    words = ("description", "reproduction", "impact", "recommendation", "expected_behavior", "actual_behavior", "context")
    return {"title": title, "type": "bug", "severity": severity, "component": component, **dict.fromkeys(words, title), **more}


def proof(entry: Mapping[str, str], probe: str = "dag/concurrent_failure_isolated") -> Proof:
    """The proof behind it."""
    return Proof(
        key=f"{probe}@{entry['component']}", case="c", title=entry["title"], status="confirmed", reason="3 of 3", reproduced=3, runs=3, control="holds",
        expected="e", observed="o", script="findings/proofs/x.py", fingerprint=fingerprint(probe, entry["component"]),
    )  # fmt: skip


def made_run(
    runs: Path,
    entry: str,
    name: str = "run-2026-01-01-001",
    *,
    bugs: Sequence[Mapping[str, str]] = (),
    version: str = "1.2.0",
    tests: Sequence[TestRun] = (),
    hypotheses: Sequence[Mapping[str, Any]] = (),
    checks: Mapping[str, str] = {},
    coverage: Mapping[str, Any] = {},
    finished: bool = True,
) -> Workspace:
    """A run; `checks` are verdicts of the test `baseline-x` by id; one that is not finished has come to the end of phase 4."""
    run = Workspace(runs / entry / name)
    config = {"entry": entry, "target": "installed", "target_version": version, "identity": {"target": TARGET[version]}}
    run.write_json("config/run_config.json", config)
    run.write_json("research/hypotheses.json", {"hypotheses": list(hypotheses), "success_criteria": []})
    rows = [{"id": k, "verdict": v, "expected": "e", "observed": "o", "source": "s"} for k, v in checks.items()]
    run.write_json("results/metrics/baseline-x.json", {"pipeline": "baseline", "test": "baseline-x", "checks": rows, "metrics": {}})
    if coverage:
        run.write_json("results/coverage/probes-correctness.json", coverage)
    proofs = tuple(map(proof, bugs))
    ledger = Ledger(run.root)
    for given, proven in zip(bugs, proofs, strict=True):
        found = ledger.log_finding("bug", given, "tester", key=proven.fingerprint)
        run.write(f"findings/{found.id}/repro.py", "raise SystemExit(1)\n")
        run.write(f"findings/{found.id}/README.md", "it is\n")
    ledger.project()
    settle(run, proofs, tuple(tests), finished)
    return run


def settle(run: Workspace, proofs: tuple[Proof, ...], tests: tuple[TestRun, ...], finished: bool) -> None:
    """Phase records and pages."""
    head: dict[str, Any] = {"artifacts": {}}
    execution = Execution(phase="execute", tests=tests, proofs=proofs, suspected=(), log_flags=0, **head)
    begun = (
        Research(phase="research", searches=0, searches_answered=0, passages=0, symbols=1, hypotheses=(), **head),
        Simulation(phase="simulate", rows={}, services=(), **head),
        Construction(phase="build", pipelines=("baseline",), broken=(), repairs=0, **head),
        execution,
    )
    score = AspectScore(aspect="error_messages", score=3, formula="f", facts={})
    ended = (
        Evaluation(phase="evaluate", scores=(score,), **head),
        Reporting(phase="report", logged={}, **head),
        Recommendations(phase="recommend", logged=0, **head),
    )
    for record in (*begun, *(ended if finished else ())):
        write_record(run, record)
    run.write("report.html", "<!doctype html><title>r</title>")
    if finished:
        run.write("FINAL_REPORT.md", "# whole\n")


def ran(verdicts: Mapping[str, int], category: str = "correctness", name: str = "baseline-x") -> TestRun:
    """An executed test."""
    return TestRun.model_validate({"id": name, "category": category, "checks": dict(verdicts), "call_id": "c"})


def everywhere(verdicts: Mapping[str, int]) -> list[TestRun]:
    """One test in each category."""
    return [ran(verdicts, category, f"baseline-{category}") for category in CATEGORIES]
