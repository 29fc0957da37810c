"""Steps of a mission beside the floor, the plain durable way, and the agent framework that most would pick."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import peers
from bench.figures.figure import OURS, Samples
from bench.rows import ROOT

LOOPS = Path(__file__).parent / "loops"
STEPS, MANY, FIRST = 50, 800, 10
"""Steps of a loop; of the long ones; and how many of these are left out at the start, and make up the first and last ones."""
UNSYNCED = "ours without waiting for the disk"
RAW, GRAPH, AGENT = "raw httpx loop, nothing kept", "StateGraph, groq SDK, sync checkpoints", "create_agent, nothing kept"


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Address of a server in Groq's wire format."""
    process = subprocess.Popen([sys.executable, "-m", "bench.figures.server"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def loop(command: Sequence[str | Path], url: str, steps: int, *more: str) -> dict[str, Any]:
    """What a loop tells of its steps."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*command, url, str(steps), folder, *more], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def measure(rounds: int) -> dict[str, Samples]:
    """Milliseconds of a step and memory of each, by turns; then long ones, for what grows."""
    ours = [sys.executable, "-m", "bench.figures.loops.ours"]
    agent = peers.environment("agent", peers.AGENT)
    commands: dict[str, list[str | Path]] = {
        OURS: [*ours],
        UNSYNCED: [*ours],
        RAW: [sys.executable, LOOPS / "raw.py"],
        GRAPH: [sys.executable, LOOPS / "state_graph.py"],
        AGENT: [agent, LOOPS / "create_agent.py"],
    }
    steps: Samples = {who: [] for who in commands}
    memory: Samples = {who: [] for who in commands}
    with served() as url:
        for _ in range(rounds):
            for who, command in commands.items():
                told = loop(command, url, STEPS, *(["--no-sync"] if who == UNSYNCED else []))
                steps[who].append(median(told["ms"][FIRST:]))
                memory[who].append(told["rss_mb"])
        long = [loop(commands[OURS], url, MANY) for _ in range(rounds)]
        plain = loop(commands[GRAPH], url, MANY, "--raw")
    sizes = [told["checkpoint_bytes"] / 1e6 for told in long]
    checkpoints = {OURS: sizes, "StateGraph, all messages in its state": [plain["checkpoint_bytes"] / 1e6]}
    late = {OURS: [median(told["ms"][-STEPS:]) / median(told["ms"][FIRST : FIRST + STEPS]) for told in long]}
    return {"step": steps, "late step": late, "checkpoints": checkpoints, "memory": memory}
