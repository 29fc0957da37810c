"""What another model changed: findings of one run only, decisions that were answered otherwise."""

from pathlib import Path
from typing import Any

from agent.core.workspace import Workspace
from agent.reporting.same_findings import WORDS, differing_decisions, differing_findings


def run(folder: Path, titles: list[str], answers: dict[str, dict[str, Any] | None]) -> Workspace:
    workspace = Workspace(folder)
    workspace.write_json("bugs.json", {"findings": [{"title": title} for title in titles]})
    for name, answer in answers.items():
        phase, _, decision = name.partition("/")
        raw = {"call_id": f"{phase}/ask-{decision}-{hash(str(answer)) % 10**10:010d}", "tool": "ask_model", "ok": True}
        workspace.write_json(f"results/calls/{raw['call_id']}.json", raw | {"result": {"answer": answer}})
    return workspace


def test_findings_are_counted(tmp_path: Path) -> None:
    one, other = run(tmp_path / "a", ["x", "x", "y"], {}), run(tmp_path / "b", ["x", "z"], {})
    assert list(differing_findings(one, one)) == []
    assert list(differing_findings(one, other)) == ["defect only in a: x", "defect only in a: y", "defect only in b: z"]


def test_decisions_are_told_with_phase_name_old_and_new(tmp_path: Path) -> None:
    long = "w" * 2 * WORDS
    before = {"execute/probe-1": {"code": "a\nb"}, "execute/target-1": {"oracle": "o", "subject": "s"}, "report/summary": None}
    after = {"execute/probe-1": {"code": long}, "execute/target-1": {"oracle": "o", "subject": "s"}, "recommend/suggestions": {"rows": [1]}}
    one, other = run(tmp_path / "a", [], before), run(tmp_path / "b", [], after)
    assert list(differing_decisions(one, one)) == []
    assert list(differing_decisions(one, other)) == [
        f"execute probe-1: a b -> {long[:WORDS]}...",
        "report summary: no usable answer -> (not asked)",
        "recommend suggestions: (not asked) -> [1]",
    ]
