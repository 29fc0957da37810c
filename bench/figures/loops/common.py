"""What every loop shares: the tool, the question, and the line it prints. Nothing but the standard library."""

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MODEL = "llama-3.1-8b-instant"
SYSTEM = "You look things up, one query at a time."
TOOL = {
    "type": "function",
    "function": {
        "name": "lookup",
        "description": "Search the documentation.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}
ROWS, SIZE = 400, 2_000
"""Sections of the index that the tool searches, and characters of what it answers."""


def index_in(folder: Path) -> Path:
    """A full-text index, made when it is not there."""
    file = folder / "index.sqlite"
    if not file.exists():
        with sqlite3.connect(file) as db:
            db.execute("CREATE VIRTUAL TABLE section USING fts5(title, body, tokenize = 'porter unicode61')")
            text = "The retry interceptor waits with a growing delay, then runs the stage again; a context keeps what was returned. " * 20
            db.executemany("INSERT INTO section VALUES (?, ?)", ((f"part {n}", f"{text}{n}") for n in range(ROWS)))
    return file


def lookup(index: Path, query: str) -> str:
    """The tool: opens the index, searches, answers with SIZE characters."""
    db = sqlite3.connect(index)
    try:
        words = " OR ".join(f'"{word}"' for word in query.split())
        found = db.execute("SELECT body FROM section WHERE section MATCH ? ORDER BY bm25(section) LIMIT 5", (words,)).fetchall()
    finally:
        db.close()
    return " ".join(body for (body,) in found)[:SIZE]


def timed(steps: int, step: Callable[[], Any]) -> list[float]:
    """Milliseconds of each step."""
    taken = []
    for _ in range(steps):
        began = time.perf_counter()
        step()
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


def told(milliseconds: list[float], checkpoint: Path | None = None) -> None:
    """Print what came of it: milliseconds of each step, bytes of the checkpoints, most memory of this process in MB."""
    size = sum(file.stat().st_size for file in checkpoint.parent.glob(f"{checkpoint.name}*")) if checkpoint else 0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"ms": milliseconds, "checkpoint_bytes": size, "rss_mb": memory}) + "\n")
