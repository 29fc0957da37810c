"""One check of the release at its default budget: time and memory, its proofs in a clean environment, and causes told apart."""

import json
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.lab.figure import Figure, Setting, agent, confirmed
from bench.memory import tree_kib
from bench.rows import ROOT

SECONDS, MEBIBYTES = 180.0, 600.0
SHARED = 0.03
"""Share of findings that may have a cause in common with another one."""


def cost(setting: Setting) -> Figure:
    """Wall time and peak memory of `check`, with everything it starts.

    Raises:
        RuntimeError: it wrote nothing.
    """
    report = today(setting)
    report.unlink(missing_ok=True)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "check", "--json", str(report)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    peak = [0.0]
    watcher = threading.Thread(target=watch, args=(process, peak))
    watcher.start()
    _, told = process.communicate()
    seconds = time.monotonic() - began
    watcher.join()
    if not report.exists():
        raise RuntimeError(f"check wrote no result: {told.decode(errors='replace')[-300:]}")
    result = json.loads(report.read_text(encoding="utf-8"))
    found = confirmed(result["findings"])
    notes = [
        f"{len(found)} confirmed of {len(result['findings'])}, {result['unknown']} unknown",
        f"{result['cases']} cases and {result['examples']} drawn",
        "discovery not cached" if result["seconds"] > 60 else "discovery may have come from the cache",
    ]
    met = seconds <= SECONDS and peak[0] <= MEBIBYTES and bool(found)
    return Figure("time and peak memory of check", "180 s, 600 MiB", f"{seconds:.0f} s, {peak[0]:.0f} MiB", met, notes)


def today(setting: Setting) -> Path:
    """Where the check of the release is kept."""
    return setting.out / "today.json"


def watch(process: "subprocess.Popen[bytes]", peak: list[float]) -> None:
    """Follow the memory of a process and everything below it until it ends."""
    while process.poll() is None:
        peak[0] = max(peak[0], tree_kib(process.pid) / 1024)
        time.sleep(0.2)


def verified(setting: Setting) -> Figure:
    """Every confirmed finding of that check, three times in a clean environment."""
    report = today(setting)
    wanted = len(confirmed(json.loads(report.read_text(encoding="utf-8"))["findings"]))
    result = json.loads(agent("verify", str(report), "--times", "3", "--json", seconds=3600).stdout)
    notes = [f"{row['verdict']}: {row['title']}: {row['reason']}" for row in result["findings"] if row["verdict"] != "confirmed"]
    met = result["confirmed"] == wanted == len(result["findings"]) and wanted > 0
    return Figure("confirmed findings that verify confirms three times", "all", f"{result['confirmed']} of {wanted}", met, notes)


def causes(setting: Setting) -> Figure:
    """Findings of that check which one repair cures together, judged by the repaired copies."""
    found = confirmed(json.loads(today(setting).read_text(encoding="utf-8"))["findings"])
    home = {(case["probe"], case["case"]): number for number, f in enumerate(found) for case in (f, *f["also_seen"])}
    probes: dict[str, set[int]] = defaultdict(set)
    for (probe, _), number in home.items():
        probes[probe].add(number)
    rows: list[dict[str, Any]] = []
    sharing: set[int] = set()
    for row in setting.kept["repairs"]["rows"]:
        exact = {home[case["probe"], case["case"]] for case in row["seen"] if (case["probe"], case["case"]) in home}
        cured = exact or {number for case in row["seen"] for number in probes[case["probe"]] if len(probes[case["probe"]]) == 1}
        rows.append({"repair": row["name"], "findings": [found[n]["title"] for n in sorted(cured)]})
        if len(cured) > 1:
            sharing |= set(sorted(cured)[1:])
    share = len(sharing) / len(found)
    notes = [f"{row['repair']} cures {len(row['findings'])}: {'; '.join(row['findings'])}" for row in rows if len(row["findings"]) > 1]
    name = "findings that share a root cause with another one (as far as the repairs tell)"
    return Figure(name, "< 3 %", f"{len(sharing)} of {len(found)}, {100 * share:.1f} %", share < SHARED, notes, rows)
