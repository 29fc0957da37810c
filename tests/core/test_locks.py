"""One process at a time works on a run; a dead one holds nothing, whatever children it left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.core.errors import RunLocked, WorkspaceUnwritable
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.locks import Holder, folder_lock, run_lock
from agent.core.workspace import Workspace
from tests.conftest import ROOT

HOLD = """
import os, sys, time
from pathlib import Path
from agent.core.locks import run_lock
with run_lock(Path(sys.argv[1])) as before:
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)
        time.sleep(60)
        os._exit(0)
    time.sleep(60)
"""
"""Holds a lock, and has a forked child that inherited its handle."""


def holder(path: Path) -> tuple["subprocess.Popen[str]", int]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, int(process.stdout.readline())


def test_the_other_one_learns_who_and_a_killed_holder_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "CORE-001" / "run-2026-01-01-001" / "run.lock"
    path.parent.mkdir(parents=True)
    process, child = holder(path)
    try:
        with pytest.raises(RunLocked, match=rf"process {process.pid} on \S+, since 20\S+: python.* works on ") as refused, run_lock(path):
            pass
        assert refused.value.exit_code == 4 and "--resume CORE-001/run-2026-01-01-001" in refused.value.hint
        process.kill()
        process.wait()
        os.kill(child, 0)  # it lives on
        with run_lock(path) as before:
            assert f"left by process {process.pid}" in before and "taken over" in before
    finally:
        process.kill()
        os.kill(child, signal.SIGKILL)
        process.communicate()
    with run_lock(path) as before:
        assert before == ""


def test_whoever_lost_its_lock_commits_nothing_more(tmp_path: Path) -> None:
    """A lock file that somebody removed, or that a network file system gave to another machine."""
    workspace = Workspace(tmp_path)
    journal = Journal(workspace, Ledger(tmp_path))
    with run_lock(workspace.path("run.lock")):
        assert journal.once("research/a", "t", dict).ok
        (tmp_path / "run.lock").unlink()
        (tmp_path / "run.lock").write_text(str(Holder(pid=1, host="another", since="now", command="x").model_dump_json()))
        with pytest.raises(RunLocked, match="taken over"):
            journal.once("research/b", "t", dict)
        assert journal.committed("research/b") is None


def test_whatever_stands_in_a_lock_file_does_not_hold_it(tmp_path: Path) -> None:
    for content in ("4711", '{"pid": "x"}', "\0" * 100, "[]"):
        (tmp_path / "run.lock").write_text(content)
        with run_lock(tmp_path / "run.lock") as before:
            assert "taken over" in before


def test_a_place_that_takes_no_lock_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceUnwritable, match="absent"), run_lock(tmp_path / "absent" / "run.lock"):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceUnwritable, match="file"), folder_lock(tmp_path / "file" / "CORE-001"):
        pass


def test_whoever_comes_to_a_folder_at_the_same_instant_waits(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from agent.core.locks import folder_lock\nwith folder_lock(Path({str(tmp_path)!r})): print('in')"
    with folder_lock(tmp_path):
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        time.sleep(1.0)
        assert process.poll() is None
    assert process.communicate(timeout=30)[0] == "in\n"
