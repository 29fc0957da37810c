"""A hypothesis is contradicted by one violated check or missed criterion, held only when all of them say so."""

from pathlib import Path
from typing import Any

import pytest

from agent.core.roadmap import load_entry
from agent.core.settings import project_root
from agent.core.workspace import Workspace
from agent.court.hypotheses import judge_hypotheses

ROADMAP = project_root() / "docs" / "roadmap"


def left(workspace: Workspace, test: str, checks: dict[str, str], **metrics: Any) -> None:
    texts = dict.fromkeys(("claim", "source", "strategy", "expected", "observed"), "as written")
    rows = [{"id": name, "verdict": verdict, **texts} for name, verdict in checks.items()]
    workspace.write_json(f"results/metrics/{test}.json", {"test": test, "pipeline": "chaos", "checks": rows, "metrics": metrics})


@pytest.mark.parametrize(
    ("both", "verdict"),
    [
        ({"exactly-once": "holds", "state-audit": "holds"}, "held"),
        ({"exactly-once": "holds", "state-audit": "violated"}, "contradicted"),
        ({"exactly-once": "unknown", "state-audit": "violated"}, "contradicted"),
        ({"exactly-once": "holds", "state-audit": "unknown"}, "undecided"),
        ({"exactly-once": "holds"}, "undecided"),
        ({}, "undecided"),
    ],
)
def test_the_worst_check_decides_and_a_missing_one_is_unknown(tmp_path: Path, both: dict[str, str], verdict: str) -> None:
    workspace = Workspace(tmp_path)
    left(workspace, "chaos-lost-answers", both)
    workspace.write_json("research/hypotheses.json", {"hypotheses": [{"id": "FIN-002-H1", "probes": ["retry/a", "retry/b", "retry/c"]}]})
    rows = [("retry/a", "holds"), ("retry/a", "violated"), ("retry/b", "holds"), ("dag/x", "violated")]
    cases = [{"probe": probe, "verdict": found, "control": False} for probe, found in rows]
    workspace.write_json("results/metrics/probes-reliability.json", cases)
    first = judge_hypotheses(load_entry(ROADMAP, "FIN-002"), workspace)[0]
    assert (first.verdict, first.probes) == (verdict, (2, 1))


@pytest.mark.parametrize(("p95", "verdict"), [(480.0, "held"), (520.0, "contradicted"), (None, "undecided")])
def test_a_hypothesis_about_a_number_is_judged_by_its_criterion(tmp_path: Path, p95: float | None, verdict: str) -> None:
    workspace = Workspace(tmp_path)
    left(workspace, "stress-performance", {}, latency_ms={"p95": p95})
    assert judge_hypotheses(load_entry(ROADMAP, "PERF-003"), workspace)[0].verdict == verdict


def test_one_without_checks_is_undecided(tmp_path: Path) -> None:
    assert {judged.verdict for judged in judge_hypotheses(load_entry(ROADMAP, "FIN-001"), Workspace(tmp_path))} == {"undecided"}
