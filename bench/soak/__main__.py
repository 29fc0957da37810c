"""Kills one mission again and again at chosen places on disk, resumes it each time, and compares its end with an undisturbed run.

    python -m bench.soak [--entry CORE-001] [--kills 200] [--model] [--seed 1] [--json FILE]

A place is a file that is about to be opened for writing, renamed, removed, or a folder about to be made. Chosen are every phase's record,
commit markers of every tool (between a tool's effect and its commit), every file of the final report, and an even spread of the rest. The
ways are SIGKILL, SIGTERM, Ctrl-C and, where a loop device can be had, a cut of the power that loses everything not synced. `--model` adds
a good scripted model. `add_finding.py` is stopped at each of its own places. Exit code 0 when nothing was lost, doubled, executed again
after its commit, or told as a traceback.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.model.missions import REPLIES
from bench.soak.adding import added_once
from bench.soak.deaths import How, Life, live
from bench.soak.disk import Disk, disk
from bench.soak.ends import differences, doubled, executed_again
from bench.soak.places import chosen

WAYS: tuple[How, ...] = ("SIGKILL", "SIGKILL", "cut", "SIGTERM", "SIGKILL", "SIGINT", "cut")
"""In turn."""


def order(runs: Path, *args: str, model: bool) -> list[str]:
    """The command."""
    voice = ["--provider", "scripted", "--script", str(REPLIES)] if model else ["--provider", "none"]
    return ["agent", "--runs", str(runs), "--search", "offline", *args, *voice]


def undisturbed(runs: Path, entry: str, log: Path, *, model: bool) -> tuple[Path, list[str]]:
    """A run that nobody disturbs, and the places that it touches, in order."""
    life = live(order(runs, "--entry", entry, model=model), runs, [], "SIGKILL", log=log)
    if life.code:
        raise SystemExit(f"the undisturbed mission ended with {life.code}: {life.said[-500:]}")
    return next(iter(runs.glob(f"{entry}/run-*"))), log.read_text(encoding="utf-8").splitlines()


def disturbed(runs: Path, entry: str, points: Sequence[str], power: Disk | None, *, model: bool) -> list[Life]:
    """The lives of a mission that is stopped at these places, the last one to its own end."""
    lives: list[Life] = []
    left = list(points)
    while True:
        how = WAYS[len(lives) % len(WAYS)]
        how = "SIGKILL" if how == "cut" and power is None else how
        begun = list(runs.glob("*/*/config/run_config.json"))
        life = live(order(runs, *(["--resume", entry] if begun else ["--entry", entry]), model=model), runs, left, how, power)
        lives.append(life)
        if not life.hit:
            return lives
        left.remove(life.hit)  # a partial report touches early what the whole one touches last: what stands between is still to come
        print(f"{len(lives)} {how} before {life.hit}, {len(left)} places left", flush=True)


def main() -> int:
    """Run both, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entry", default="CORE-001")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--model", action="store_true", help="with a good scripted model")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temp, disk(Path(temp)) as power:
        quiet, touched = undisturbed(Path(temp) / "quiet", args.entry, Path(temp) / "places", model=args.model)
        points = chosen(touched, args.kills, random.Random(args.seed))
        runs = (power.place if power else Path(temp)) / "killed"
        lives = disturbed(runs, args.entry, points, power, model=args.model)
        folder = next(iter(runs.glob(f"{args.entry}/run-*")))
        result: dict[str, Any] = {
            "places": len(set(touched)),
            "kills": len(lives) - 1,
            "power_cuts": sum(WAYS[number % len(WAYS)] == "cut" for number in range(len(lives) - 1)) if power else 0,
            "exit": lives[-1].code,
            "said": lives[-1].said[-600:] if lives[-1].code else "",
            "tracebacks": [life.said[-600:] for life in lives if life.crashed],
            **differences(quiet, folder),
            "doubled": doubled(folder),
            "executed_again_after_commit": executed_again(folder),
            "add_finding": added_once(Path(temp), power),
            "seconds": round(time.monotonic() - began),
        }
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    wrong = ("exit", "tracebacks", "lost", "added", "verdicts", "report", "doubled", "executed_again_after_commit")
    return int(any(result[key] for key in wrong) or bool(result["add_finding"]["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
