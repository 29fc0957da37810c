"""Two runs of one mission differ in what they measured; a report is compared without that, and without nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.artifacts import AspectScore, Evaluation
from agent.core.settings import Settings
from agent.core.workspace import Workspace
from agent.models.added import SUMMARY
from agent.reporting.facts import RunFacts
from agent.reporting.final_report import read_facts, rendered, rewrite_reports
from agent.reporting.model_page import Asked, ModelFacts, model_facts
from agent.reporting.same_report import MASK, compare, masked, masked_page, shown

SETTINGS = Settings.load({})
IDENTITY = {"target": "0" * 16}
line = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="|"), min_size=1, max_size=30
)  # tables escape it
title = line | st.sampled_from(
    ["took 1.5 s", "run-2026-01-01-001", "312 patterns flagged", "added_ms_per_stage = 0.06", MASK, "; observed 7 ms"]
)


def run(folder: Path) -> Workspace:
    workspace = Workspace(folder)
    config = {"entry": "FIN-001", "target": "installed", "target_version": "1.2.0", "policy": "llm", "identity": IDENTITY}
    workspace.write_json("config/run_config.json", config)
    rewrite_reports(workspace, SETTINGS)
    return workspace


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> RunFacts:
    workspace = run(tmp_path_factory.mktemp("run"))
    return replace(read_facts(workspace, SETTINGS), run=str(workspace.root))


def bug(number: int, text: str, severity: str) -> dict[str, Any]:
    words = ("expected_behavior", "actual_behavior", "impact", "recommendation", "context")
    return {
        "id": f"BUG-{number:03d}",
        "severity": severity,
        "type": "bug",
        "component": f"stageflow.{text}",
        "title": text,
    } | dict.fromkeys(words, text)


def facts_of(base: RunFacts, titles: list[str], severity: str, verdict: str, seconds: float) -> RunFacts:
    """Facts in which everything that a verdict or a finding is said with comes from the arguments."""
    tests = [
        {"id": "chaos-faults", "category": "reliability", "checks": {verdict: 2}, "seconds": seconds},
        {"id": "probes-security", "category": "security", "checks": {verdict: 7}, "seconds": None},
        {"id": "probes-written-1-1", "category": "security", "checks": {verdict: 1}, "seconds": None},
    ]
    step = {"test": "stress", "step": "1x", "rate_per_second": 50, "throughput_per_second": seconds, "failure_share": 0.1}
    suspected = [{"what": what, "status": "suspected", "why": text, "observed": text} for what, text in zip(titles, titles, strict=True)]
    return replace(
        base,
        findings=base.findings | {"bugs": [bug(number, text, severity) for number, text in enumerate(titles, 1)]},
        tests=tests,
        load=[step | {"latency_ms": {"p50": seconds}, "rss_mib": {"highest": seconds}}],
        suspected=suspected,
        unknown=[{"what": text, "why": text} for text in titles],
        categories=[{"category": "security", "tests": 3, "holds": 7, "violated": 0, "unknown": 0, "not_applicable": 0}],
        evaluation=Evaluation(
            phase="evaluate",
            artifacts={},
            scores=(AspectScore(aspect="performance", score=4, formula="f", facts={"framework_ms": seconds, "lines": 3}),),
        ),
    )


def page_of(base: RunFacts, titles: list[str], seconds: float) -> ModelFacts:
    rows = tuple(Asked("execute", text, f"groq m{seconds:.0f}", "model", 1, "9", "0", seconds, text) for text in titles)
    left_out = ({"phase": "execute", "what": titles[0], "why": titles[-1]},)
    none = model_facts(Workspace(Path(base.run)))
    return replace(none, rows=rows, left_out=left_out, summary=titles[0], tokens="9", cost="0", seconds=seconds)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(title, min_size=1, max_size=4),
    st.sampled_from(["critical", "high", "low"]),
    st.sampled_from(["holds", "violated", "unknown"]),
    st.floats(0.1, 99),
)
def test_no_finding_no_verdict_and_no_prose_is_left_out(
    empty: RunFacts, titles: list[str], severity: str, verdict: str, seconds: float
) -> None:
    """Lines that hold none of the measured values are the same with and without them; verdicts stay on the lines that do."""
    facts, model = facts_of(empty, titles, severity, verdict, seconds), page_of(empty, titles, seconds)
    plain = rendered(facts, model, SETTINGS).splitlines()
    left = rendered(masked(facts), masked_page(model), SETTINGS).splitlines()
    assert len(plain) == len(left)
    for before, after in zip(plain, left, strict=True):
        if before != after and not before.startswith(("| run |", "| machine |", "| sandbox |", "Active protections")):
            assert before.split("|")[1:3] == after.split("|")[1:3]
            assert verdict not in before or verdict in after
    assert [row for row in left if row.startswith("| BUG-")] == [row for row in plain if row.startswith("| BUG-")]
    for part in ("## 3.", "## 4.", "## 12."):
        assert section(left, part) == section(plain, part)
    assert titles[0] in section(left, "## 15.")[2] and f"| chaos-faults | reliability | 2 {verdict}" in "\n".join(left).replace(
        "[chaos-faults](results/metrics/chaos-faults.json)", "chaos-faults"
    )


def section(lines: list[str], heading: str) -> list[str]:
    start = next(number for number, text in enumerate(lines) if text.startswith(heading))
    end = next((n for n, text in enumerate(lines[start + 1 :], start + 1) if text.startswith("## ")), len(lines))
    return lines[start:end]


@given(st.floats(0.1, 99), st.floats(0.1, 99))
@settings(max_examples=8, deadline=None)
def test_measurements_alone_make_no_difference(empty: RunFacts, one: float, other: float) -> None:
    texts = {
        rendered(masked(facts_of(empty, ["t"], "high", "holds", seconds)), masked_page(page_of(empty, ["t"], 1.0)), SETTINGS)
        for seconds in (one, other)
    }
    assert len(texts) == 1


def test_what_a_model_said_otherwise_is_told_line_by_line(tmp_path: Path) -> None:
    first, second = run(tmp_path / "run-2026-01-01-001"), run(tmp_path / "run-2026-01-01-002")
    assert not (same := compare(first, second, SETTINGS)).diff and same.masked >= 2 and same.stale == 0
    first.write("FINAL_REPORT.md", first.path("FINAL_REPORT.md").read_text(encoding="utf-8") + "by hand\n")
    for number, workspace in enumerate((first, second)):
        raw = {"call_id": "report/ask-summary-0123456789", "tool": "ask_model", "ok": True, "finished_at": f"2026-01-01T00:00:0{number}"}
        calls = [{"provider": ("groq", "cassette")[number], "model": "m", "cost": None, "prompt_sha256": ""}]
        answer = {"ok": True, "source": "model", "answer": {"text": f"Words {number}."}, "calls": calls}
        workspace.write_json("results/calls/report/ask-summary-0123456789.json", raw | {"result": answer, "seconds": number})
        workspace.write_json(SUMMARY, {"text": f"Words {number}."})
    told = compare(first, second, SETTINGS)
    assert [text[:9] for text in told.diff if text[:1] in "-+" and text[1:2] == "W"] == ["-Words 0.", "+Words 1."]
    assert len(told.diff) == 5 and told.stale
    assert model_facts(first).rows[0].model == "groq m"
    words = list(shown(told, most=3))
    assert words[3] == "... and 2 more lines" and words[4].startswith("the report differs:") and words[-1].startswith("note: ")
