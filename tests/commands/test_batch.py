"""A batch: what it plans, and that its missions harm neither each other nor the next batch when something dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.commands.batch_missions import outcome_of
from agent.commands.batch_plan import limited, planned
from agent.core.batch import Standing, all_ended, read_standing
from agent.core.roadmap import Heading
from tests.conftest import ROOT, agent

SOON = 60.0
MISSIONS = ("--entry", "CORE-001,CORE-002", "--search", "offline", "--provider", "none")
heading = st.builds(
    Heading,
    id=st.integers(1, 40).map("E-{:03d}".format),
    title=st.just("t"),
    tier=st.just(1),
    area=st.just("a"),
    priority=st.sampled_from(["P0", "P1", "P2"]),
    risk=st.sampled_from(["Catastrophic", "Severe", "High", "Moderate", "Low"]),
    industry=st.just("i"),
    deployment=st.just("d"),
)
standings = st.sampled_from(["not run", "stopped", "failed", "finished"])


@given(
    st.lists(heading, unique_by=lambda row: row.id),
    st.dictionaries(st.integers(1, 40).map("E-{:03d}".format), standings),
    st.dictionaries(st.integers(1, 40).map("E-{:03d}".format), st.floats(1, 1e4)),
    st.sampled_from(["", "failed", "all"]),
    st.one_of(st.none(), st.integers(0, 9)),
)
def test_a_plan_has_what_is_missing_once_and_the_best_for_its_time_first(
    rows: list[Heading], state: dict[str, str], seconds: dict[str, float], redo: str, seed: int | None
) -> None:
    """Nothing is planned twice or left out, and an order by value is one."""
    plan = planned(rows, state, {"": 100.0, **seconds}, redo)
    skipped = {"": ("finished", "failed"), "failed": ("finished",), "all": ()}[redo]
    assert {one.entry for one in plan} == {row.id for row in rows if state.get(row.id) not in skipped}
    assert len({one.entry for one in plan}) == len(plan)
    rates = [one.value / one.seconds for one in plan]
    assert rates == sorted(rates, reverse=True)
    shuffled = limited(plan, seed, None)
    assert sorted(one.entry for one in shuffled) == sorted(one.entry for one in plan)
    assert shuffled == limited(plan, seed, None)


@given(st.integers(-15, 140), st.booleans(), st.booleans(), st.booleans())
def test_only_a_finished_run_counts_as_finished(code: int, finished: bool, told: bool, hung: bool) -> None:
    """Whatever a process ends with: finished needs the records and reports on disk, and a hung mission is never called stopped."""
    outcome = outcome_of(code, finished=finished, told=told, hung=hung)
    assert outcome != "finished" or (finished and code in (0, 1))
    assert not hung or outcome in ("finished", "failed")


def test_a_plan_is_told_without_doing_it(tmp_path: Path) -> None:
    """Order, time and tokens, and no run folder afterwards."""
    told = json.loads(agent("--batch", "--priority", "P0", "--limit", "7", "--dry-run", "--json", "--runs", str(tmp_path)).stdout)
    assert len(told["missions"]) == 7 and told["seconds"] > 0 and told["tokens_at_most"] == 0
    assert {row["state"] for row in told["missions"]} == {"not run"} and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--entry", "NOPE-1"), "Nearest"),
        (("--priority", "P9"), "no entry has p9"),
        (("--resume",), "by itself"),
        (("--limit", "0"), "at least 1"),
        (("--jobs", "0"), "above 0"),
    ],
)
def test_a_wrong_order_is_told_in_one_line(given: tuple[str, ...], said: str, tmp_path: Path) -> None:
    """Exit code 2 and what to do, for what no batch can be made of."""
    ended = agent("--batch", *given, "--runs", str(tmp_path))
    assert ended.returncode == 2 and said in ended.stderr and "Traceback" not in ended.stderr


def test_options_of_a_batch_are_not_forgotten_without_it(tmp_path: Path) -> None:
    """Somebody who asks for a dry run does not get a mission."""
    ended = agent("--entry", "CORE-001", "--dry-run", "--runs", str(tmp_path))
    assert ended.returncode == 2 and "--dry-run: for --batch only" in ended.stderr and not list(tmp_path.iterdir())


@pytest.fixture
def started(tmp_path: Path) -> "Iterator[Callable[..., subprocess.Popen[str]]]":
    """Starts batches of two missions; whatever is left of them ends with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*more: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "agent", "--batch", *MISSIONS, "--runs", str(tmp_path), *more]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def wait_for(runs: Path, holds: Callable[[Standing], bool]) -> Standing:
    """The first standing of which something holds."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        standing = read_standing(runs)
        if standing and holds(standing):
            return standing
        time.sleep(0.05)
    raise AssertionError(f"not within {SOON} s: {read_standing(runs)}")


def alive(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False


def pid_of(standing: Standing, entry: str) -> int:
    """Of the mission of an entry; 0 when it is not under way."""
    return next((row.pid for row in standing.running if row.entry == entry), 0)


def progress(runs: Path) -> dict[str, str]:
    """Of the entries that were begun, as the campaign tells it."""
    told = json.loads(agent("report", "--campaign", "--json", "--runs", str(runs)).stdout)
    return {entry["id"]: entry["progress"] for entry in told["entries"] if entry["progress"] != "never begun"}


def both(standing: Standing) -> bool:
    """Two missions are under way and have said something."""
    return len(standing.running) == 2 and all(row.doing for row in standing.running)


@pytest.mark.slow
def test_a_mission_that_crashes_twice_failed_and_the_other_one_goes_on(
    tmp_path: Path, started: "Callable[..., subprocess.Popen[str]]"
) -> None:
    """SIGKILL of one mission: it is resumed once, then given up; SIGTERM of the batch stops the other one resumably."""
    batch = started()
    first = wait_for(tmp_path, both)
    os.kill(pid_of(first, "CORE-001"), signal.SIGKILL)
    second = wait_for(tmp_path, lambda now: pid_of(now, "CORE-001") not in (0, pid_of(first, "CORE-001")))
    os.kill(pid_of(second, "CORE-001"), signal.SIGKILL)
    third = wait_for(tmp_path, lambda now: now.failed == 1)
    assert pid_of(third, "CORE-002") == pid_of(first, "CORE-002") and alive(pid_of(third, "CORE-002"))
    batch.send_signal(signal.SIGTERM)
    said, _ = batch.communicate(timeout=SOON)
    assert batch.returncode == 130 and "CORE-001 failed: killed by SIGKILL" in said and "Traceback" not in said, said
    ended = {row.entry: row for row in all_ended(tmp_path)}
    assert ended["CORE-001"].outcome == "failed" and ended["CORE-002"].outcome == "stopped" and ended["CORE-002"].run
    told = json.loads(agent("--batch", *MISSIONS[:2], "--dry-run", "--json", "--runs", str(tmp_path)).stdout)
    assert [(row["entry"], row["state"]) for row in told["missions"]] == [("CORE-002", "stopped")]


def test_missions_end_with_their_batch_and_the_next_one_goes_on(tmp_path: Path, started: "Callable[..., subprocess.Popen[str]]") -> None:
    """SIGKILL of the batch leaves no mission running; meanwhile a second batch is refused; afterwards the same runs go on."""
    batch = started()
    before = wait_for(tmp_path, both)
    second = started()
    said, _ = second.communicate(timeout=SOON)
    assert second.returncode == 4 and str(batch.pid) in said, said
    assert progress(tmp_path) == {"CORE-001": "under way", "CORE-002": "under way"}
    batch.kill()
    until = time.monotonic() + SOON
    while any(alive(row.pid) for row in before.running) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(alive(row.pid) for row in before.running)
    status = json.loads(agent("status", "--json", "--runs", str(tmp_path)).stdout)
    assert status["alive"] is False and status["total"] == 2
    third = started("--minutes", "0.1")
    said, _ = third.communicate(timeout=SOON)
    assert third.returncode == 3 and "2 stopped" in said, said
    assert said.splitlines()[-1] == f"Campaign: {tmp_path / 'campaign/index.html'}"
    assert progress(tmp_path) == {"CORE-001": "unfinished", "CORE-002": "unfinished"}
    assert [len(list((tmp_path / entry).iterdir())) for entry in ("CORE-001", "CORE-002")] == [1, 1]


@pytest.mark.slow
def test_a_mission_that_takes_too_long_failed(tmp_path: Path, started: "Callable[..., subprocess.Popen[str]]") -> None:
    """It is stopped, resumably, and counted as failed with the reason."""
    batch = started("--hung-after", "0.05", "--jobs", "2")
    said, _ = batch.communicate(timeout=SOON)
    assert batch.returncode == 3 and said.count("took longer than") >= 2, said
    assert {row.outcome for row in all_ended(tmp_path)} == {"failed"}
