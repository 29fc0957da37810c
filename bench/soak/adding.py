"""`add_finding.py`, stopped at each of its places on disk: what was acknowledged is there once, what was not is there once at most."""

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

from bench.soak.deaths import How, live
from bench.soak.disk import Disk

WAYS: tuple[How, ...] = ("SIGKILL", "cut")
RUN = "FIN-001/run-2026-01-01-001"


def command(folder: Path, title: str) -> list[str]:
    """Log one bug."""
    fields = ("description", "reproduction", "expected_behavior", "actual_behavior", "context", "impact", "recommendation")
    entry = {"title": title, "type": "bug", "severity": "low", "component": "stageflow"} | dict.fromkeys(fields, "as described")
    return ["add_finding.py", "--file", "bug", "--entry", json.dumps(entry), "--agent", "soak", "--run", str(folder)]


def added_once(temp: Path, power: Disk | None) -> dict[str, Any]:
    """Stop one call at every place and in every way, with acknowledged calls before and after it."""
    log = temp / "adding-places"
    quiet = temp / "adding" / RUN
    quiet.mkdir(parents=True)
    for title in ("first", "second"):
        live(command(quiet, title), quiet, [], "SIGKILL", log=log)
    places = list(dict.fromkeys(log.read_text(encoding="utf-8").splitlines()))
    wrong: list[str] = []
    kills = 0
    for number, (place, how) in enumerate(itertools.product(places, WAYS if power else WAYS[:1])):
        folder = (power.place if power else temp) / f"adding-{number}" / RUN
        folder.mkdir(parents=True)
        before = live(command(folder, "before"), folder, [], how)
        stopped = live(command(folder, "stopped"), folder, [place], how, power)
        after = live(command(folder, "after"), folder, [], how)
        kills += bool(stopped.hit)
        wrong += [f"{how} before {place}: {problem}" for problem in problems(folder, [before.code, after.code], bool(stopped.hit))]
    return {"places": len(places), "kills": kills, "wrong": wrong}


def problems(folder: Path, codes: list[int], stopped: bool) -> list[str]:
    """What is not as it should be afterwards."""
    if codes != [0, 0]:
        return [f"a call that nobody stopped ended with {codes}"]
    rows = json.loads((folder / "bugs.json").read_text(encoding="utf-8"))["findings"]
    titles, ids = Counter(row["title"] for row in rows), Counter(row["id"] for row in rows)
    found = [f"{title} is there {titles[title]} times" for title in ("before", "after") if titles[title] != 1]
    found += [f"stopped is there {titles['stopped']} times"] if titles["stopped"] > 1 or (not stopped and not titles["stopped"]) else []
    return found + [f"{name} is the id of {n} findings" for name, n in ids.items() if n > 1]
