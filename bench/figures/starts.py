"""What a user waits for first: commands that only look, the first tool call of a mission, and how much has to be installed."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import peers
from bench.figures.figure import OURS, Samples
from bench.figures.timing import by_turns
from bench.rows import ROOT

AGENT = [sys.executable, "-m", "agent"]
ARGPARSE = [sys.executable, "-c", "import argparse; argparse.ArgumentParser().format_help()"]
GRAPH = [sys.executable, "-c", "import langgraph.graph"]
LOOKS = {"help": ["--help"], "findings list": ["findings", "list"], "roadmap list": ["roadmap", "list"]}
PATIENCE = 60.0


def looks(rounds: int) -> dict[str, Samples]:
    """Milliseconds of commands that only look."""
    return {name: by_turns({OURS: [*AGENT, *words], "argparse alone": ARGPARSE}, rounds * 3) for name, words in LOOKS.items()}


def first_calls(rounds: int) -> dict[str, Samples]:
    """Seconds until a mission has made a tool call, and of the import that most of it is."""
    taken: Samples = {OURS: [], "import langgraph.graph alone": []}
    for number in range(rounds + 1):
        ours, floor = first_call(), by_turns({"floor": GRAPH}, 1)["floor"][0] / 1e3
        if number:  # the first one fills caches
            taken[OURS].append(ours)
            taken["import langgraph.graph alone"].append(floor)
    return {"first call": taken}


def first_call() -> float:
    """Seconds from the start of a mission's process to the record of its first tool call."""
    with tempfile.TemporaryDirectory() as runs:
        began = time.perf_counter()
        options = ["--entry", "CORE-001", "--runs", runs, "--search", "offline", "--provider", "none"]
        process = subprocess.Popen([*AGENT, *options], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while time.perf_counter() - began < PATIENCE:
                if any('"call_started"' in file.read_text(encoding="utf-8") for file in Path(runs).glob("*/*/ledger.jsonl")):
                    return time.perf_counter() - began
                time.sleep(0.005)
        finally:
            process.kill()
            process.wait()
    raise SystemExit("the mission made no tool call")


def installed(rounds: int) -> dict[str, Samples]:
    """Megabytes of what `make run` installs, and of the least that a durable mission stands on."""
    ours = peers.environment("ours", ["-r", str(ROOT / "requirements.lock")], "--require-hashes")
    graph = peers.environment("graph", peers.GRAPH, "--constraint", str(peers.versions()))
    return {"installed": {OURS: [peers.installed_mb(ours)], "langgraph, groq, SQLite checkpoints": [peers.installed_mb(graph)]}}
