"""What a user sees when the machine lacks something; `python -m bench.resources` plays many more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.resources.judge import problems
from tests.conftest import ROOT, agent

MISSION = f"{sys.executable} -m agent --entry CORE-001 --search offline --provider none --runs"


def shell(command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("before", "after", "code", "words"),
    [
        ("ulimit -n 40;", "", 4, "may open 40 files only"),
        ("", "/" + "/".join(["y" * 200] * 24), 4, "the path is too long"),
        ("", "/sub >/dev/full", 3, "standard output cannot be written: no space left on device"),
        ("set -o pipefail;", "/sub | head -1", 3, "nobody reads standard output any more"),
    ],
)
def test_what_is_missing_is_one_line(tmp_path: Path, before: str, after: str, code: int, words: str) -> None:
    done = shell(f"{before} {MISSION} {tmp_path}{after}")
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert done.stderr.startswith("error: ") and words in done.stderr.splitlines()[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_small_disk_is_said(tmp_path: Path) -> None:
    done = shell(f"unshare -m bash -c 'mount -t tmpfs -o size=8m tmpfs {tmp_path} && {MISSION} {tmp_path}'")
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine lets us mount nothing")
    assert done.returncode == 3 and f"the disk is nearly full: 8 of 256 MB that must be free in {tmp_path}" in done.stderr


@pytest.mark.slow
def test_a_mission_whose_time_is_over_leaves_a_partial_report_and_the_way_on(tmp_path: Path) -> None:
    done = shell(f"LC_ALL=C {MISSION} {tmp_path}/größe --minutes 0.05 >&-")
    assert done.returncode == 3 and done.stderr.startswith("error: the 0.05 minutes of this mission are used up\n"), done.stderr
    folder = next(tmp_path.glob("größe/CORE-001/run-*"))
    assert problems(folder) == []
    assert str(folder / "FINAL_REPORT.md") in done.stderr
    again = shell(f"{MISSION} {tmp_path}/größe")
    assert again.returncode == 3 and "are used up" in again.stderr  # kept for whoever goes on
    assert f"--resume CORE-001/{folder.name} --runs {tmp_path}/größe --minutes 0.1" in again.stderr


def test_minutes_must_be_a_number_of_minutes(tmp_path: Path) -> None:
    for text in ("-1", "nan", "inf"):
        done = agent("--entry", "CORE-001", f"--minutes={text}", "--runs", str(tmp_path))
        assert done.returncode == 2 and "--minutes" in done.stderr
