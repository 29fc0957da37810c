"""What the system says it lacks becomes one line with an exit code; a result of a starved call does not count."""

import errno
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from agent.core.errors import LimitReached, RunLocked, ToolFailed
from agent.core.shortage import SPENT, UNFIT, bounds_suffice, counted, disk_has_room, ran_out, told
from tests.conftest import ROOT


@pytest.mark.parametrize("number", sorted(number for number in {**SPENT, **UNFIT} if number > 0))
def test_every_number_is_one_line_with_place_and_remedy(number: int) -> None:
    found = told(OSError(number, os.strerror(number), "/some/place"))
    assert found is not None and found.exit_code == (3 if number in SPENT else 4)
    assert "/some/place" in str(found) and "\n" not in str(found) and "--resume" in found.hint


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (sqlite3.OperationalError("database or disk is full"), 3),
        (sqlite3.OperationalError("disk I/O error"), 3),
        (sqlite3.OperationalError("unable to open database file"), 4),
        (sqlite3.OperationalError("attempt to write a readonly database"), 4),
        (MemoryError(), 3),
        (RuntimeError("can't start new thread"), 3),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), 3),
    ],
)
def test_others_that_give_no_number(error: Exception, code: int) -> None:
    found = told(error)
    assert found is not None and found.exit_code == code


@pytest.mark.parametrize("error", [ValueError("x"), RuntimeError("x"), FileNotFoundError(errno.ENOENT, "x"), sqlite3.DatabaseError("x")])
def test_mistakes_of_ours_are_not_hidden(error: Exception) -> None:
    assert told(error) is None


def failing(error: Exception, cause: OSError) -> None:
    raise error from cause


@pytest.mark.parametrize("number", sorted(number for number in SPENT if number > 0))
def test_a_tool_that_failed_for_want_of_something_stops_the_mission(number: int, tmp_path: Path) -> None:
    with pytest.raises(LimitReached):
        counted(lambda: failing(ToolFailed("cannot start a sandbox"), OSError(number, "x")), [tmp_path])


def test_a_tool_that_failed_of_something_else_is_a_failed_call(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed):
        counted(lambda: failing(ToolFailed("no"), OSError(errno.ENOENT, "x")), [tmp_path])
    assert ran_out(RunLocked("held")) is None


def test_a_lock_that_is_held_is_nothing_that_ran_out(tmp_path: Path) -> None:
    with pytest.raises(RunLocked):
        counted(lambda: failing(RunLocked("held"), BlockingIOError(errno.EAGAIN, "x")), [tmp_path])


def test_a_disk_without_room_is_said_by_its_folder() -> None:
    with pytest.raises(LimitReached, match=r"0 of 256 MB .* in /proc"):
        disk_has_room(Path("/proc/self/absent"))


def limited(which: int, amount: int, code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code under a limit."""
    limit = lambda: resource.setrlimit(which, (amount, amount))  # noqa: E731
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, preexec_fn=limit, timeout=60)


def test_half_a_file_is_not_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    code = (
        f"from pathlib import Path; from agent.core.files import write_atomic; write_atomic(Path({str(tmp_path / 'file')!r}), 'x' * 5000)"
    )
    done = limited(resource.RLIMIT_FSIZE, 100, code)
    assert "File too large" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["file"] and (tmp_path / "file").read_text() == "before"


def test_limits_that_no_mission_can_live_with_are_said_at_once() -> None:
    bounds_suffice()
    code = "from agent.core.shortage import bounds_suffice; bounds_suffice()"
    for which, amount, words in (
        (resource.RLIMIT_NOFILE, 40, "may open 40 files"),
        (resource.RLIMIT_FSIZE, 1 << 20, "limited to 1 MB"),
        (resource.RLIMIT_AS, 1 << 30, "limited to 1024 MB"),
    ):
        assert words in limited(which, amount, code).stderr
