"""Whole commands: a mission, a check at its default budget, and the mission's report in a browser."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agent.core.settings import Settings
from bench.figures.figure import OURS, Samples
from bench.figures.timing import seconds_of
from bench.rows import ROOT

AGENT = [sys.executable, "-m", "agent"]
ENTRY = "FIN-001"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EMPTY = "<!doctype html><title>x</title>"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--no-first-run", "--virtual-time-budget=1", "--dump-dom")


def check(rounds: int) -> dict[str, Samples]:
    """Seconds of a check at its default budget, without verdicts that an earlier one has kept, and with them; and of two smaller ones."""
    taken: Samples = {}
    for name, more in {OURS: [], "--minutes 0.5": ["--minutes", "0.5"], "--minutes 1": ["--minutes", "1"]}.items():
        shutil.rmtree(Settings.load().cache / "verdicts", ignore_errors=True)
        taken[name] = [seconds_of([*AGENT, "check", *more])]
        if name == OURS:
            taken["again, with the verdicts kept"] = [seconds_of([*AGENT, "check"])]
    return {"check": taken}


def mission(rounds: int) -> dict[str, Samples]:
    """Seconds of a mission that begins with nothing shared, size of its report, and seconds until Chromium has it."""
    seconds, sizes, opens = [], [], {OURS: [], "an empty page": []}
    for _ in range(max(1, rounds // 3)):
        with tempfile.TemporaryDirectory() as runs:
            seconds.append(seconds_of([*AGENT, "--entry", ENTRY, "--runs", runs, "--search", "offline", "--provider", "none"]))
            page = next(Path(runs).glob("*/*/report.html"))
            sizes.append(page.stat().st_size / 1e3)
            empty = Path(runs) / "empty.html"
            empty.write_text(EMPTY, encoding="utf-8")
            for _ in range(rounds if CHROMIUM else 0):
                opens["an empty page"].append(opened(empty))
                opens[OURS].append(opened(page) - opens["an empty page"][-1])
    return {"mission": {OURS: seconds}, "page": {OURS: sizes}, "page opens": opens}


def opened(page: Path) -> float:
    """Seconds of a browser that starts, lays out the page and ends."""
    began = time.perf_counter()
    subprocess.run([str(CHROMIUM), *FLAGS, page.as_uri()], cwd=ROOT, check=True, capture_output=True, timeout=60)
    return time.perf_counter() - began
