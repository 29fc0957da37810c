"""Prints the figures of the lab: what it finds on copies with known faults and repairs, and that nothing else is reported.

    python -m bench.lab --bench ../shared/bench [--only faults,alarms] [--out bench/results/lab.json]

Parts: faults, repairs, alarms, time, verify, causes, timeline (in this order; causes reads the result of repairs and time).
A part that was measured before stays in the file until it is measured again; one that was interrupted goes on where it was, as long
as agent, tools and components are the same commit. Exit code 0 when every figure is met, 1 otherwise.
"""

import argparse
import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.lab import alarms, copies, past, today
from bench.lab.figure import Figure, Setting
from bench.rows import ROOT

PARTS = {
    "faults": copies.faults,
    "repairs": copies.repairs,
    "alarms": alarms.alarms,
    "time": today.cost,
    "verify": today.verified,
    "causes": today.causes,
    "timeline": past.timeline,
}


def arguments() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.lab", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=ROOT / "../shared/bench", help="folder with make_target.py and score.py")
    parser.add_argument("--only", help="parts, with commas between them (default: all)")
    parser.add_argument("--out", type=Path, default=ROOT / "bench/results/lab.json", help="result file (default: bench/results/lab.json)")
    args = parser.parse_args()
    if not (args.bench / "score.py").is_file():
        parser.error(f"{args.bench} holds no score.py; give the folder of the bench with --bench")
    unknown = set((args.only or "").split(",")) - set(PARTS) - {""}
    if unknown:
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return args


def main() -> int:
    """Measure, keep, print."""
    args = arguments()
    sys.path.insert(0, str(args.bench))
    kept: dict[str, Any] = json.loads(args.out.read_text(encoding="utf-8")) if args.out.exists() else {}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for name in args.only.split(",") if args.only else PARTS:
        began = time.monotonic()
        figure = PARTS[name](Setting(args.bench, args.out.parent, kept))
        kept[name] = figure.record() | {"seconds": round(time.monotonic() - began), "measured": stamp()}
        args.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return table([Figure.of(kept[name]) for name in PARTS if name in kept])


def stamp() -> str:
    """When, on which commit, on what."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    return f"{time.strftime('%Y-%m-%d')} {commit} Python {platform.python_version()}"


def table(figures: list[Figure]) -> int:
    """Print all figures."""
    for figure in figures:
        print(f"{'met ' if figure.met else 'MISS'}  {figure.name}: {figure.value} (wanted: {figure.wanted})")
        for line in figure.notes:
            print(f"        {line}")
    return int(not all(figure.met for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
