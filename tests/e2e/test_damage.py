"""A finished mission, damaged in many ways at once: every place is told, looked at without a crash, and repaired to the same end.

Every kind by itself, on a stopped and a finished run: `python -m bench.damage`.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.damage.kinds import cut, member
from bench.soak.ends import doubled, findings, verdicts
from tests.conftest import Finished, agent


@pytest.fixture
def runs(mission: Finished, tmp_path: Path) -> Path:
    """A copy of the finished mission."""
    shutil.copytree(mission.runs, tmp_path / "runs", symlinks=True)
    return tmp_path / "runs"


def run_of(runs: Path) -> Path:
    return next(runs.glob("*/run-*"))


def verified(runs: Path) -> tuple[int, set[str], str]:
    done = agent("runs", "verify", "--runs", str(runs), "--json")
    told = json.loads(done.stdout)
    return done.returncode, {row["path"] for row in told["problems"] if row["damage"]}, done.stderr


def test_a_mission_that_was_only_killed_is_sound(mission: Finished, runs: Path) -> None:
    assert not [line for output in mission.outputs for line in output.splitlines() if "damaged:" in line]
    code, damaged, _ = verified(runs)
    assert (code, damaged) == (0, set())


@pytest.mark.slow
def test_damage_is_told_repaired_and_ends_the_same(mission: Finished, runs: Path) -> None:
    run = run_of(runs)
    ledger = run / "ledger.jsonl"
    lines = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join(lines[:30] + lines[31:]))
    (run / "config/run_config.json").write_text("entry: CORE-001", encoding="utf-8")
    (run / "dx.json").write_text("{oops", encoding="utf-8")
    member(run / "results/records/execute.json", lambda record: record | {"proofs": []})
    cut(run / "checkpoints.sqlite")
    log = sorted(run.glob("results/logs/*_stats.json"))[0]
    log.write_bytes(b"")
    persona = run / "mocks/persona.md"
    persona.unlink()
    persona.symlink_to("/etc/hostname")
    harmed = {"ledger.jsonl", "config/run_config.json", "results/records/execute.json", "checkpoints.sqlite", "mocks/persona.md"}
    harmed.add(log.relative_to(run).as_posix())
    code, damaged, problem = verified(runs)
    assert code == 1 and harmed <= damaged and not problem
    refused = agent("report", "--runs", str(runs))
    assert refused.returncode == 2 and "nothing is reported" in refused.stderr
    listed = agent("findings", "--runs", str(runs))
    assert listed.returncode == 0 and "these are the ledger's" in listed.stderr
    done = agent("--resume", f"{run.parent.name}/{run.name}", "--runs", str(runs), "--search", "offline")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(f"damaged: {path}" in done.stdout.replace("\n  ", " ") for path in harmed), done.stdout
    assert verified(runs)[:2] == (0, set())
    assert findings(run) == findings(mission.folder) and verdicts(run) == verdicts(mission.folder) and not doubled(run)
    assert Path("/etc/hostname").exists() and (run / "damaged").is_dir()


@pytest.mark.slow
def test_a_test_result_that_is_not_as_it_was_left_is_measured_again(mission: Finished, runs: Path) -> None:
    run = run_of(runs)
    metrics = run / "results/metrics/baseline-correctness.json"
    metrics.write_text("{oops", encoding="utf-8")
    before = (run / "ledger.jsonl").stat().st_size
    done = agent("--resume", f"{run.parent.name}/{run.name}", "--runs", str(runs), "--search", "offline")
    assert done.returncode == 0, done.stdout + done.stderr
    new = (run / "ledger.jsonl").read_bytes()[before:].decode().splitlines()
    made = [record["data"]["call"].rpartition("-")[0] for record in map(json.loads, new) if record["kind"] == "call_started"]
    assert made == ["execute/test-baseline-correctness", "execute/log-baseline-correctness", "execute/tests"]
    assert findings(run) == findings(mission.folder) and verdicts(run) == verdicts(mission.folder)


def test_a_run_of_another_format_or_without_configuration_is_refused_in_one_line(runs: Path) -> None:
    run = run_of(runs)
    (run / "ledger.jsonl").unlink()
    member(run / "config/run_config.json", lambda found: {name: value for name, value in found.items() if name != "format"})
    done = agent("--resume", f"{run.parent.name}/{run.name}", "--runs", str(runs))
    assert done.returncode == 2 and "format 1" in done.stderr and "--new" in done.stderr and "Traceback" not in done.stderr
    (run / "config/run_config.json").unlink()
    done = agent("--resume", f"{run.parent.name}/{run.name}", "--runs", str(runs))
    assert done.returncode == 2 and "cannot be used" in done.stderr and "Traceback" not in done.stderr


def test_runs_verify_refuses_what_is_not_there_or_is_being_worked_on(runs: Path) -> None:
    assert agent("runs", "verify", "CORE-001/run-1999-01-01-001", "--runs", str(runs)).returncode == 2
    assert agent("runs", "one", "two", "--runs", str(runs)).returncode == 2
    holder = subprocess.Popen(["flock", str(run_of(runs) / "run.lock"), "sleep", "20"], start_new_session=True)
    try:
        for _ in range(100):
            done = agent("runs", "verify", "--runs", str(runs))
            if done.returncode == 4:
                break
        assert done.returncode == 4 and "works on" in done.stderr
    finally:
        os.killpg(holder.pid, 15)
        holder.wait()
