"""Missions with and without a model, through the command line."""

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

ROOT = Path(__file__).parents[2]
REPLIES = ROOT / "tests/models/replies/good.jsonl"
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

    @property
    def bugs(self) -> Counter[str]:
        """Titles of confirmed defects."""
        found = json.loads((self.folder / "bugs.json").read_text(encoding="utf-8"))["findings"]
        return Counter(row["title"] for row in found)

    def calls(self) -> list[dict[str, Any]]:
        """Every committed decision, as the `ask_model` tool told it."""
        files = (self.folder / "results/calls").rglob("*.json")
        markers = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return [marker["result"] for marker in markers if marker["tool"] == "ask_model" and marker["ok"]]


def mission(runs: Path, *args: str, env: Mapping[str, str] | None = None) -> Outcome:
    """Run `python -m agent ARGS` over a runs folder that holds, or gets, one run."""
    began = time.monotonic()
    command = [sys.executable, "-m", "agent", "--runs", str(runs), "--search", "offline", *args]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GROQ_", "OPENAI_"))}
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MINUTES * 60, env=clean | dict(env or {}))
        code, said = done.returncode, (done.stdout + done.stderr)[-400:]
    except subprocess.TimeoutExpired:
        code, said = None, f"still running after {MINUTES:.0f} minutes"
    return Outcome(next(iter(runs.glob("*/run-*"))), code, time.monotonic() - began, said)


def unfinished(floor: Path, runs: Path) -> None:
    """A copy of a finished playbook mission that goes on when it is resumed: with a model, its additions are all that is left to do."""
    copy = runs / floor.parent.name / floor.name
    shutil.copytree(floor, copy)
    (copy / "FINAL_REPORT.md").unlink()
    shutil.rmtree(copy / "results/records")


@contextmanager
def server(behaviour: str, log: Path) -> Iterator[str]:
    """The fault server; yields its base URL. `log` gets a line for each completion."""
    command = [sys.executable, "-m", "agent.models.faulty", "--behaviour", behaviour, "--replies", str(REPLIES), "--log", str(log)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()


def behaviours() -> list[str]:
    """Every behaviour of the fault server."""
    listed = subprocess.run([sys.executable, "-m", "agent.models.faulty", "--list"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]
