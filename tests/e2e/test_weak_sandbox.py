"""A sandbox that leaves something open is named before anything runs in it, and is none for code that a model wrote."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.core.workspace import create_run
from tests.conftest import ENTRY, ROOT, agent
from tools.sandbox import choose, survey, weakness

WEAK = [row.name for row in survey() if row.works and weakness(choose(row.name))]
CODE = "from stageflow.context import ContextSnapshot\ndef call():\n    return ContextSnapshot, (), {}"
STRONG_HERE = not weakness(choose("auto"))


def played(tmp_path: Path, **variables: str) -> dict[str, str]:
    """`play_written` by itself, in a new run folder."""
    import datetime as dt

    run = create_run(tmp_path, ENTRY, dt.date(2026, 1, 1))
    args = ("--name", "written-1", "--probe", "written/call_accepted", "--subject", "stageflow.context.ContextSnapshot", "--code", CODE)
    env = os.environ | {"STAGEFLOW_AGENT_RUNS": str(tmp_path)} | variables
    done = agent("tool", "play_written", *args, "--run", f"{ENTRY}/{run.root.name}", "--json", env=env)
    assert done.returncode == 0, done.stderr
    kept = run.path("findings/dropped/written-1.md")
    result: dict[str, str] = json.loads(done.stdout) | {"kept": kept.read_text(encoding="utf-8") if kept.exists() else ""}
    return result


@pytest.mark.parametrize("kind", WEAK)
def test_code_of_a_model_is_refused_in_a_weak_sandbox(tmp_path: Path, kind: str) -> None:
    refused = played(tmp_path, STAGEFLOW_AGENT_SANDBOX=kind)
    assert (refused["ok"], refused["stage"]) == (False, "sandbox")
    assert f"{kind} does not stop: " in refused["problem"] and "--allow-weak-sandbox" in refused["problem"]
    assert "ContextSnapshot" in refused["kept"]


def test_it_runs_when_that_is_allowed(tmp_path: Path) -> None:
    assert played(tmp_path, STAGEFLOW_AGENT_SANDBOX="rlimits", STAGEFLOW_AGENT_ALLOW_WEAK_SANDBOX="1")["stage"] in ("smoke", "played")


@pytest.mark.skipif(not STRONG_HERE, reason="only weak sandboxes work here")
def test_it_runs_in_the_strongest(tmp_path: Path) -> None:
    assert played(tmp_path)["stage"] in ("smoke", "played")


def started(tmp_path: Path, *options: str) -> str:
    """The first lines of a mission, which is stopped as soon as a phase begins."""
    command = [sys.executable, "-m", "agent", "--entry", ENTRY, "--runs", str(tmp_path), "--search", "offline", *options]
    lines = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as mission:
        assert mission.stdout
        for line in mission.stdout:
            lines.append(line)
            if "1/7" in line:
                mission.send_signal(signal.SIGTERM)
                mission.stdout.read()
                break
    return "".join(lines)


@pytest.mark.parametrize(("options", "doing"), [((), "is not run"), (("--allow-weak-sandbox",), "is run all the same")])
def test_a_mission_announces_it_and_the_report_says_it(tmp_path: Path, options: tuple[str, ...], doing: str) -> None:
    told = started(tmp_path, "--sandbox", "rlimits", *options)
    assert "note: weak sandbox: rlimits does not stop: reads, writes, secrets, network, sockets, daemons" in told and doing in told
    assert agent("report", "--runs", str(tmp_path)).returncode == 0
    report = next(tmp_path.glob("*/*/FINAL_REPORT.md")).read_text(encoding="utf-8")
    row = next(line for line in report.splitlines() if line.startswith("| sandbox |"))
    assert "weak sandbox: rlimits does not stop: reads" in row and doing in row


@pytest.mark.skipif(not STRONG_HERE, reason="only weak sandboxes work here")
def test_the_strongest_is_not_called_weak(tmp_path: Path) -> None:
    assert "weak" not in started(tmp_path)


def test_doctor_names_it() -> None:
    facts = json.loads(agent("doctor", "--json", env=os.environ | {"STAGEFLOW_AGENT_SANDBOX": "rlimits"}).stdout)
    assert facts["sandbox"]["weakness"].startswith("rlimits does not stop: reads")
