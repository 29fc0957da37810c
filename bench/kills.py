"""Kills a real mission with SIGKILL at random moments, resumes it each time, and compares the end with an undisturbed run.

    python bench/kills.py [--entry FIN-001] [--kills 20] [--seed 1] [--json FILE]

Exit code 0 when nothing was lost, doubled or executed again after its commit; 1 otherwise.
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
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SHORTEST, LONGEST = 3.0, 15.0
"""Seconds of life between two kills."""


def agent(runs: Path, *args: str) -> list[str]:
    """The command."""
    return [sys.executable, "-m", "agent", "--runs", str(runs), "--search", "offline", *args]


def undisturbed(runs: Path, entry: str) -> Path:
    """A run that nobody disturbs."""
    subprocess.run(agent(runs, "--entry", entry), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return next(iter(runs.glob(f"{entry}/run-*")))


def disturbed(runs: Path, entry: str, kills: int, rng: random.Random) -> tuple[Path, int]:
    """A run that is killed so often, and how often that hit a living process."""
    done = 0
    while done < kills:
        started = list(runs.glob("*/*/config/run_config.json"))
        process = subprocess.Popen(
            agent(runs, *(["--resume"] if started else ["--entry", entry])), cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(timeout=rng.uniform(SHORTEST, LONGEST))
            break
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            done += 1
            print(f"killed {done} of {kills}", flush=True)
    folder = next(iter(runs.glob(f"{entry}/run-*")))
    if not (folder / "FINAL_REPORT.md").exists():
        subprocess.run(agent(runs, "--resume"), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return folder, done


def findings(folder: Path) -> Counter[tuple[str, str, str]]:
    """(file, title, component) of every finding of a run."""
    found: Counter[tuple[str, str, str]] = Counter()
    for name in ("bugs", "dx"):
        file = folder / f"{name}.json"
        rows = json.loads(file.read_text(encoding="utf-8"))["findings"] if file.exists() else []
        found.update((name, row["title"], row["component"]) for row in rows if not row["title"].startswith("Developer experience"))
    return found


def executed_again(folder: Path) -> list[str]:
    """Calls that were started after their commit."""
    committed: set[str] = set()
    again = []
    for line in (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        call = record["data"].get("call", "")
        if record["kind"] == "call_started" and call in committed:
            again.append(call)
        if record["kind"] == "call_committed":
            committed.add(call)
    return again


def main() -> int:
    """Run both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entry", default="FIN-001")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temp:
        began = time.monotonic()
        quiet = undisturbed(Path(temp) / "quiet", args.entry)
        quiet_seconds = time.monotonic() - began
        folder, kills = disturbed(Path(temp) / "killed", args.entry, args.kills, random.Random(args.seed))
        wanted, found = findings(quiet), findings(folder)
        result: dict[str, Any] = {
            "kills": kills,
            "findings": sum(wanted.values()),
            "lost": sorted((wanted - found).elements()),
            "added": sorted((found - wanted).elements()),
            "doubled": [key for key, n in found.items() if n > 1],
            "executed_again_after_commit": executed_again(folder),
            "seconds_undisturbed": round(quiet_seconds, 1),
            "seconds": round(time.monotonic() - began, 1),
        }
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2), encoding="utf-8")
    return int(any(result[key] for key in ("lost", "added", "doubled", "executed_again_after_commit")))


if __name__ == "__main__":
    sys.exit(main())
