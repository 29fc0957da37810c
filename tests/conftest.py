"""Shared fixtures: one real mission, killed on its way and resumed, that the end-to-end tests look at."""

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.reporting.spans import Span

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts a job in the background; programs under test are to hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
ENTRY = "BIO-006"
KILLS = ((1, 24), (32, 60), (70, 110))
"""Between how many committed calls the mission is killed: while it writes data and code, among its probes, and among its proofs and tests."""
SLACK = 10.0
"""Seconds that a busy machine may add to a time limit; what does not keep one takes a minute or for ever."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that look at the shared mission come last, but for the one that makes it: workers have better to do than wait for it."""
    waiting = {item.path for item in items if "mission" in getattr(item, "fixturenames", ())} - {ROOT / "tests/e2e/test_mission.py"}
    items.sort(key=lambda item: item.path in waiting)


def agent(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command line, as a user would call it."""
    return subprocess.run([sys.executable, "-m", "agent", *args], capture_output=True, text=True, cwd=ROOT, timeout=420, **options)


def uncovered() -> dict[str, str]:
    """The environment for a program of which no coverage is measured: what it runs is none of ours, or measured elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


@dataclass
class Finished:
    """A finished mission and how it went."""

    runs: Path
    folder: Path
    outputs: list[str] = field(default_factory=list)
    killed: int = 0

    def json(self, path: str) -> Any:
        """A JSON file of the run."""
        return json.loads((self.folder / path).read_text(encoding="utf-8"))

    def ledger(self) -> list[dict[str, Any]]:
        """All ledger lines."""
        return [json.loads(line) for line in (self.folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]


def assert_one_tree(spans: Sequence[Span]) -> None:
    """One trace, no span twice, every parent there and around its children, a mission at the root."""
    by_id = {span.span_id: span for span in spans}
    assert len(by_id) == len(spans) and len({span.trace_id for span in spans}) <= 1
    for span in spans:
        if span.parent_span_id is not None:
            parent = by_id[span.parent_span_id]
            assert parent.start_ns <= span.start_ns <= span.end_ns <= parent.end_ns, (span.name, parent.name)


def killed_at(calls: int, runs: Path, command: Sequence[str]) -> tuple[bool, str]:
    """Run a command in a group of its own and SIGKILL it soon after a run has so many committed calls; (whether it was still running, its output)."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    until = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < until and sum(1 for _ in runs.glob("*/*/results/calls/*/*.json")) < calls:
        time.sleep(0.05)
    try:
        return False, process.communicate(timeout=0.5)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return True, process.communicate()[0]


@pytest.fixture(scope="session")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A whole mission: started, killed a few times on its way, resumed to its end; one for all workers of a test run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = shared / "mission.json"
    with (shared / "mission.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = killed_and_resumed(shared / "mission-runs")
            kept.write_text(json.dumps({"outputs": made.outputs, "killed": made.killed}), encoding="utf-8")
    runs = shared / "mission-runs"
    return Finished(runs, next(iter(runs.glob(f"{ENTRY}/run-*"))), **json.loads(kept.read_text(encoding="utf-8")))


def killed_and_resumed(runs: Path) -> Finished:
    """Run it."""
    where = ["--runs", str(runs), "--search", "offline"]
    rng = random.Random(20)
    outputs, kills = [], 0
    for least, most in KILLS:
        command = [
            sys.executable,
            "-m",
            "agent",
            *where,
            *(["--resume"] if list(runs.glob("*/*/config/run_config.json")) else ["--entry", ENTRY]),
        ]
        running, output = killed_at(rng.randint(least, most), runs, command)
        outputs.append(output)
        kills += running
    done = agent(*where, "--resume")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    folder = next(iter(runs.glob(f"{ENTRY}/run-*")))
    return Finished(runs, folder, [*outputs, done.stdout], kills)
