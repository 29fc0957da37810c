"""Kills a mission with SIGKILL during its model calls, resumes it each time, and counts what was asked and paid again.

    python -m bench.model.kills [--entry CORE-001] [--kills 10] [--seed 1] [--json FILE]

The fault server's good voice takes its time for each answer and logs every request that reaches it. Every other kill falls while a request
is in the air, the rest right after an answer was stored. Exit code 0 when no request was made for a question whose answer was stored, no
request reached the server that the run does not account for, and the end has the same defects as an undisturbed mission.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.model.missions import Outcome, command, floor_of, mission, server, unfinished
from bench.rows import ROOT

DELAY = 1.0
"""Seconds until an answer comes."""
LONGEST = 120.0
"""Seconds to wait for the next call of a resumed mission."""


def requests(log: Path) -> int:
    """How many requests reached the server."""
    return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0


def records(folder: Path) -> list[dict[str, Any]]:
    """Stored calls of a run."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted((folder / "results/model/calls").glob("*.json"))]


def answers(folder: Path) -> int:
    """How many questions have a stored answer."""
    return sum(record["reply"] is not None for record in records(folder))


def killed(order: list[str], env: dict[str, str], folder: Path, log: Path, wait: float, *, in_air: bool) -> bool:
    """Let the mission live until its next request has been in the air for `wait` seconds, or its answer was stored; then kill it."""
    process = subprocess.Popen(order, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    asked, stored, until = requests(log), answers(folder), time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < until:
        if (requests(log) > asked) if in_air else (answers(folder) > stored):
            time.sleep(wait)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.01)
    process.wait()
    return False


def disturbed(entry: str, floor: Outcome, temp: Path, kills: int, rng: random.Random) -> dict[str, Any]:
    """The mission that is killed so often, and what it came to."""
    unfinished(floor.folder, temp / "killed")
    order = command(temp / "killed", "--resume", f"{entry}/{floor.folder.name}", "--provider", "groq")
    folder, log = next(iter((temp / "killed").glob("*/run-*"))), temp / "requests.log"
    hits = 0
    with server("good", log, DELAY) as env:
        for number in range(kills):
            in_air = number % 2 == 0
            if not killed(order, env, folder, log, rng.uniform(0.05, DELAY * 0.8) if in_air else rng.uniform(0.0, 0.2), in_air=in_air):
                break
            hits += 1
            print(f"killed {hits} of {kills} {'during a call' if in_air else 'after an answer was stored'}", flush=True)
        end = mission(temp / "killed", *order[order.index("--resume") :], env=env)
    attempts = [[attempt["outcome"] for attempt in record["attempts"]] for record in records(folder)]
    return {
        "kills": hits,
        "exit": end.code,
        "requests": requests(log),
        "attempts": sum(map(len, attempts)),
        "lost_in_the_air": sum(row.count("sent") for row in attempts),
        "paid_again": sum(len(row) - 1 - row.index("answered") for row in attempts if "answered" in row),
        "bugs": end.bugs,
    }


def main() -> int:
    """Run both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entry", default="CORE-001")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    floor = floor_of(args.entry)
    with tempfile.TemporaryDirectory() as temp:
        unfinished(floor.folder, Path(temp) / "quiet")
        with server("good", Path(temp) / "quiet.log") as env:
            quiet = mission(Path(temp) / "quiet", "--resume", f"{args.entry}/{floor.folder.name}", "--provider", "groq", env=env)
        quiet_requests = requests(Path(temp) / "quiet.log")
        result = disturbed(args.entry, floor, Path(temp), args.kills, random.Random(args.seed))
        found = result.pop("bugs")
        result |= {
            "requests_undisturbed": quiet_requests,
            "findings": quiet.bugs.total(),
            "lost": sorted((quiet.bugs - found).elements()),
            "added": sorted((found - quiet.bugs).elements()),
        }
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    unaccounted = result["requests"] > result["attempts"]
    short = result["kills"] < args.kills
    return int(bool(result["lost"] or result["added"] or result["paid_again"] or unaccounted or short or result["exit"]))


if __name__ == "__main__":
    sys.exit(main())
