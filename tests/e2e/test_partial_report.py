"""A mission stopped after any of its commits has a report that tells no more than was executed, and nothing that the whole one lacks."""

import json
import shutil
from pathlib import Path

import pytest

from agent.commands.runs import is_finished
from agent.core.artifacts import RECORDS
from agent.core.settings import Settings
from agent.core.workspace import Workspace
from agent.reporting.final_report import rewrite_reports
from bench.resources.judge import fingerprints, problems
from tests.conftest import Finished

PROJECTIONS = ("bugs", "dx", "improvements", "strengths", "findings")


def cut(mission: Finished, place: Path, share: float) -> Workspace:
    """A copy of the run as a kill after this share of its commits would have left it."""
    copy = place / mission.folder.parent.name / mission.folder.name
    shutil.copytree(mission.folder, copy, ignore=shutil.ignore_patterns("pipelines", "mocks", "tests"))
    lines = (copy / "ledger.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = lines[: int(len(lines) * share)]
    (copy / "ledger.jsonl").write_text("".join(kept), encoding="utf-8")
    committed = {record["data"]["call"] for record in map(json.loads, kept) if record["kind"] == "call_committed"}
    for marker in (copy / "results/calls").glob("*/*.json"):
        if f"{marker.parent.name}/{marker.stem}" not in committed:
            marker.unlink()
    every = {f"{p.parent.name}/{p.stem}" for p in (mission.folder / "results/calls").glob("*/*.json")}
    for phase in RECORDS:
        if {call for call in every if call.startswith(f"{phase}/")} - committed or share == 0.0:
            (copy / f"results/records/{phase}.json").unlink()
    for name in ("FINAL_REPORT.md", "report.html", *(f"{name}.json" for name in PROJECTIONS)):
        (copy / name).unlink(missing_ok=True)
    return Workspace(copy)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.55, 0.7, 0.9])
def test_a_stopped_mission_tells_what_was_executed_and_nothing_else(mission: Finished, tmp_path: Path, share: float) -> None:
    run = cut(mission, tmp_path, share)
    settings = Settings.load({}, runs=tmp_path)
    rewrite_reports(run, settings)
    assert problems(run.root) == [] and not is_finished(run)
    told = fingerprints(run.root)
    proofs = [json.loads(p.read_text(encoding="utf-8")) for p in (run.root / "results/calls/execute").glob("prove-*.json")]
    confirmed = {proof["result"]["fingerprint"] for proof in proofs if proof["result"].get("status") == "confirmed"}
    rewrite_reports(Workspace(mission.folder), Settings.load({}, runs=mission.runs))
    assert confirmed <= told <= fingerprints(mission.folder)


def test_a_partial_report_does_not_make_a_run_finished(mission: Finished, tmp_path: Path) -> None:
    copy = tmp_path / mission.folder.parent.name / mission.folder.name
    shutil.copytree(mission.folder, copy)
    run = Workspace(copy)
    assert is_finished(run)
    record = (copy / "results/records/recommend.json").read_bytes()
    (copy / "results/records/recommend.json").unlink()
    rewrite_reports(run, Settings.load({}, runs=tmp_path))
    (copy / "results/records/recommend.json").write_bytes(record)
    assert not is_finished(run)
