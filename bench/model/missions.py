"""Missions with and without a model, through the command line."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.rows import ROOT, code

REPLIES = ROOT / "tests/models/replies/good.jsonl"
ALSO = ("prompts", "docs/roadmap", "tests/models/replies")
"""Folders that decide what a mission with a model does, besides the measured ones."""
FLOORS = ROOT / ".cache" / "bench-model"
"""Missions of the playbook alone, for as long as the measured code is the same."""
MINUTES = 30.0
"""After which a mission counts as hanging."""
PATIENCE = {
    "STAGEFLOW_AGENT_CALL_SECONDS": "5",
    "STAGEFLOW_AGENT_MODEL_SECONDS": "60",
    "STAGEFLOW_AGENT_REQUESTS_PER_MINUTE": "1000000",
    "STAGEFLOW_AGENT_TOKENS_PER_MINUTE": "1000000",
}
"""A loopback server has no limits a minute, and one that hangs need not be waited for as long as a real one."""


@dataclass(frozen=True)
class Outcome:
    """How a mission ended.

    Attributes:
        folder: of the run.
        code: exit code; None when it was stopped for hanging.
        seconds: wall time.
        said: the end of what it printed.
    """

    folder: Path
    code: int | None
    seconds: float
    said: str

    def findings(self) -> list[dict[str, Any]]:
        """Confirmed defects."""
        rows: list[dict[str, Any]] = json.loads((self.folder / "bugs.json").read_text(encoding="utf-8"))["findings"]
        return rows

    @property
    def bugs(self) -> Counter[str]:
        """Titles of confirmed defects."""
        return Counter(row["title"] for row in self.findings())

    @property
    def written(self) -> Counter[str]:
        """Those of them that a probe written by a model brought to light."""
        return Counter(row["title"] for row in self.findings() if row["context"].startswith("Probe written/"))

    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """Every committed decision with its phase, as the `ask_model` tool told it."""
        files = (self.folder / "results/calls").rglob("*.json")
        markers = [(file.parent.name, json.loads(file.read_text(encoding="utf-8"))) for file in files]
        return [(phase, marker["result"]) for phase, marker in markers if marker["tool"] == "ask_model" and marker["ok"]]


def command(runs: Path, *args: str) -> list[str]:
    """The command line of a mission without a network."""
    return [sys.executable, "-m", "agent", "--runs", str(runs), "--search", "offline", *args]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, without the keys and endpoints of real models."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GROQ_", "OPENAI_"))} | dict(more or {})


def mission(runs: Path, *args: str, env: Mapping[str, str] | None = None) -> Outcome:
    """Run `python -m agent ARGS` over a runs folder that holds, or gets, one run."""
    began = time.monotonic()
    order = command(runs, *args)
    try:
        done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, timeout=MINUTES * 60, env=environment(env))
        code, said = done.returncode, (done.stdout + done.stderr)[-400:]
    except subprocess.TimeoutExpired:
        code, said = None, f"still running after {MINUTES:.0f} minutes"
    return Outcome(next(iter(runs.glob("*/run-*"))), code, time.monotonic() - began, said)


def floor_of(entry: str) -> Outcome:
    """The mission of the playbook alone, run once for a state of the code."""
    runs = FLOORS / hashlib.sha256(code(*ALSO).encode()).hexdigest()[:12] / entry
    for folder in runs.glob("*/run-*"):
        if (folder / "FINAL_REPORT.md").exists():
            return Outcome(folder, 0, json.loads((runs / "seconds.json").read_text()), "")
    shutil.rmtree(FLOORS, ignore_errors=True) if not runs.parent.exists() else shutil.rmtree(runs, ignore_errors=True)
    done = mission(runs, "--entry", entry, "--provider", "none")
    (runs / "seconds.json").write_text(json.dumps(done.seconds))
    return done


def unfinished(floor: Path, runs: Path) -> None:
    """A copy of a finished playbook mission that goes on when it is resumed: with a model, its additions are all that is left to do."""
    copy = runs / floor.parent.name / floor.name
    shutil.copytree(floor, copy)
    (copy / "FINAL_REPORT.md").unlink()
    shutil.rmtree(copy / "results/records")


@contextmanager
def server(behaviour: str, log: Path, delay: float = 0.0) -> Iterator[dict[str, str]]:
    """The fault server; yields the environment of a mission that asks it. `log` gets a line for each completion."""
    log.parent.mkdir(parents=True, exist_ok=True)
    order = [sys.executable, "-m", "agent.models.faulty", "--behaviour", behaviour, "--replies", str(REPLIES), "--log", str(log)]
    process = subprocess.Popen([*order, "--delay", str(delay)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split()[-1]
        yield environment(PATIENCE | {"GROQ_API_KEY": "bench-key", "GROQ_BASE_URL": url})
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def behaviours() -> list[str]:
    """Every behaviour of the fault server."""
    listed = subprocess.run([sys.executable, "-m", "agent.models.faulty", "--list"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]
