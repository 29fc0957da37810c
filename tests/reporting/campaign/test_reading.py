"""Runs are read as they are: whole, half-written or damaged, without a lock and without a traceback; what cannot be used is told."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.core.locks import run_lock
from agent.core.workspace import Workspace
from agent.reporting.campaign.gathering import gathered
from agent.reporting.campaign.reading import read_runs
from agent.reporting.campaign.records import Campaign
from tests.reporting.campaign.made import PART, bug, everywhere, made_run, proof

MARK = proof(bug()).fingerprint


def test_a_finished_run_is_told_as_it_is(tmp_path: Path) -> None:
    claims = [
        {"id": "H1", "statement": "s", "checks": ["baseline-x:a", "baseline-x:b"], "criteria": []},
        {"id": "H2", "statement": "s", "checks": ["baseline-x:a"]},
        {"id": "H3", "statement": "s", "checks": []},
    ]
    made_run(tmp_path, "CORE-001", bugs=[bug()], tests=everywhere({"holds": 2}), hypotheses=claims, checks={"a": "holds", "b": "violated"})
    (view,) = read_runs(tmp_path)
    assert view.problems == () and view.finished and (view.version, view.phases, view.doing) == ("1.2.0", 7, "")
    assert [worry.verdict for worry in view.worries] == ["contradicted", "held", "undecided"]
    assert view.scores == {"error_messages": 3} and len(view.tests) == 7
    (row,) = view.rows
    name = "CORE-001/run-2026-01-01-001/findings/BUG-001"
    assert (row.fingerprint, row.probe, row.proof) == (MARK, "dag/concurrent_failure_isolated", name)


def test_identity_comes_from_the_report_the_proofs_or_the_folder_of_the_proof(tmp_path: Path) -> None:
    run = made_run(tmp_path, "CORE-001", bugs=[bug()])
    by_words = read_runs(tmp_path)[0].rows[0]
    run.write_json("findings.json", {"findings": [{"id": "BUG-001", "fingerprint": "a" * 12}]})
    by_report = read_runs(tmp_path)[0].rows[0]
    run.write_json("findings.json", {"findings": [{"id": "BUG-001", "fingerprint": "<b>"}]})
    refused = read_runs(tmp_path)[0].rows[0]
    (run.root / "findings.json").unlink()
    (run.root / "results/records/execute.json").unlink()
    run.write_json("findings/BUG-001/proof.json", {"key": f"x/y@{PART}", "fingerprint": "b" * 12})
    by_folder = read_runs(tmp_path)[0].rows[0]
    marks = [(row.fingerprint, row.probe) for row in (by_words, by_report, refused, by_folder)]
    assert marks == [(MARK, "dag/concurrent_failure_isolated"), ("a" * 12, ""), ("", ""), ("b" * 12, "x/y")]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def linked(file: Path) -> None:
    file.unlink()
    file.symlink_to("/etc/passwd")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": cut,
    "empty": lambda file: file.write_bytes(b""),
    "binary": lambda file: file.write_bytes(bytes(range(256))),
    "a list": lambda file: file.write_text("[[1], {}, null]"),
    "a number": lambda file: file.write_text("7"),
    "deep": lambda file: file.write_text("[" * 100_000),
    "of another form": lambda file: file.write_text(
        '{"findings": [{"id": 1}], "hypotheses": [{"id": []}], "success_criteria": [7], "phase": "x"}'
    ),
    "half a character": lambda file: file.write_text('{"target_version": "\\ud800", "findings": [{"id": "\\ud800", "title": "\\udfff"}]}'),
    "a link": linked,
    "a folder": a_folder,
}
FILES = (
    "config/run_config.json", "bugs.json", "findings.json", "research/hypotheses.json", "results/records/execute.json", "results/records/evaluate.json",
    "results/metrics/baseline-x.json", "results/coverage/probes-correctness.json", "FINAL_REPORT.md", "findings/BUG-001/repro.py",
)  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run that has every file."""
    runs = tmp_path_factory.mktemp("sound")
    measured = {"a.py": {"lines": 2, "lines_run": 1, "branches": 0, "branches_run": 0, "ran": "1", "taken": ""}}
    made_run(runs, "CORE-002", bugs=[bug()], coverage=measured).write_json("findings.json", {"findings": []})
    return runs


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_and_takes_nothing_from_the_neighbours(sound: Path, tmp_path: Path, damage: str) -> None:
    (whole,) = sound.glob("*/run-*")
    shutil.copytree(sound, tmp_path, dirs_exist_ok=True)
    for number, file in enumerate(FILES, 1):
        copy = tmp_path / f"CORE-001/run-2026-01-01-{number:03d}"
        shutil.copytree(whole, copy)
        DAMAGES[damage](copy / file)
    views = {view.name: view for view in read_runs(tmp_path)}
    assert len(views) == len(FILES) + 1
    neighbour = views.pop("CORE-002/run-2026-01-01-001")
    assert neighbour.finished and not neighbour.problems and neighbour.rows[0].fingerprint == MARK
    assert Campaign.model_validate_json(gathered(views.values(), [], "now").model_dump_json()).runs == len(FILES)
    told = {file: views[f"CORE-001/run-2026-01-01-{number:03d}"].problems for number, file in enumerate(FILES, 1)}
    by_content = ("cut", "empty", "binary", "deep", "a link", "a folder")
    for file in ("bugs.json", "results/records/execute.json", "config/run_config.json") if damage in by_content else ():
        assert told[file], (file, damage)


def test_a_run_is_read_while_it_is_written(tmp_path: Path) -> None:
    run = made_run(tmp_path, "CORE-001", finished=False)
    with run_lock(run.root / "run.lock"):
        (view,) = read_runs(tmp_path)
    assert (view.finished, view.doing, view.phases) == (False, "under way", 4)
    assert read_runs(tmp_path)[0].doing == ""


def test_what_waits_for_a_person_is_said_to_wait(tmp_path: Path) -> None:
    run = made_run(tmp_path, "CORE-001", finished=False)
    question = {"key": "execute/end", "kind": "phase", "title": "t", "text": "t"}
    run.write_json("results/approvals/execute/end.json", question)
    assert read_runs(tmp_path)[0].doing == "waiting"


def test_only_run_folders_inside_are_read(tmp_path: Path) -> None:
    made_run(tmp_path / "elsewhere", "FIN-001")
    runs = tmp_path / "runs"
    made_run(runs, "CORE-001")
    (runs / "CORE-001/run-2026-01-01-009").symlink_to(tmp_path / "elsewhere/FIN-001/run-2026-01-01-001")
    (runs / "CORE-001/run-2026-01-01-008").write_text("no folder")
    (runs / "batch").mkdir()
    assert [view.name for view in read_runs(runs)] == ["CORE-001/run-2026-01-01-001"]
    assert read_runs(tmp_path / "nowhere") == []


def test_reading_changes_nothing(tmp_path: Path) -> None:
    made_run(tmp_path, "CORE-001", bugs=[bug()])
    copy = tmp_path.with_name(tmp_path.name + "-copy")
    shutil.copytree(tmp_path, copy)
    read_runs(copy)
    files = [sorted((p.relative_to(root).as_posix(), p.read_bytes()) for p in root.rglob("*") if p.is_file()) for root in (tmp_path, copy)]
    assert files[0] == files[1]


def test_a_hand_typed_row_counts(tmp_path: Path) -> None:
    run = made_run(tmp_path, "CORE-001", bugs=[bug()])
    listed = json.loads((run.root / "bugs.json").read_text(encoding="utf-8"))
    listed["findings"].append({**listed["findings"][0], "id": "../../x", "title": "typed \ud800", "timestamp": 7})
    Workspace(run.root).write("bugs.json", json.dumps(listed))
    typed = read_runs(tmp_path)[0].rows[1]
    assert (typed.fields["title"], typed.fields["timestamp"], typed.fingerprint, typed.proof) == ("typed ", "7", "", "")
