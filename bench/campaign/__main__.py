"""Works through the whole roadmap in one batch that is killed on the way, then sets two workers against one.

    python -m bench.campaign [--limit N] [--kills 5] [--jobs N] [--scale 8] [--folder DIR] [--json FILE]

The entries come in a shuffled order, so that the price of an entry over time tells of growth, not of what the entries are. Stopped, it goes
on with the same --folder. Exit code 0 when every entry finished in one run, no call was executed again after its commit, nothing is doubled
and nothing told a traceback; the figures are compared with what was asked for: 60 minutes, 1.5 GiB, 20 MiB for each run, 1.7 times.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from agent.commands.runs import is_finished
from agent.core.batch import all_ended
from agent.core.roadmap import load_roadmap
from agent.core.settings import project_root
from agent.core.workspace import Workspace, list_runs
from bench.campaign.work import Life, worked
from bench.soak.ends import doubled, executed_again

FROM, WINDOW = 9, 50
"""Price over time: the median of this many entries from the tenth on, against that of the last ones."""
SEED = 1
WRONG = ("exit", "tracebacks", "unfinished", "with_several_runs", "executed_again_after_commit", "doubled")


def main() -> int:
    """Run, judge, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.campaign", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--limit", type=int, help="entries; default: the whole roadmap")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="missions at once; default: the number of cores")
    parser.add_argument("--scale", type=int, default=8, metavar="N", help="entries for two workers against one; 0 leaves that out")
    parser.add_argument("--folder", type=Path, help="where it works and goes on; default: a folder that is deleted afterwards")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # the batch ends with the measurement
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temp:
        folder = (args.folder or Path(temp)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        entries = list(load_roadmap(project_root() / "docs/roadmap"))
        total = min(args.limit or len(entries), len(entries))
        jobs = ["--jobs", str(args.jobs), "--shuffle", str(SEED)]
        result = judged(folder, worked(folder, [*jobs, *only(entries, total)], total, args.kills), total)
        result |= {"jobs": args.jobs, "cores": os.cpu_count(), "scale": scale(folder, entries[: args.scale]) if args.scale else None}
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return int(any(result[key] for key in WRONG))


def only(entries: list[str], total: int) -> list[str]:
    """Options that name every n-th entry when not all are wanted."""
    step = max(1, len(entries) // total)
    return ["--entry", ",".join(entries[::step][:total])] if total < len(entries) else []


def judged(folder: Path, lives: list[Life], total: int) -> dict[str, Any]:
    """What the lives of the batch came to."""
    runs = list_runs(folder / "runs")
    finished = [run for run in runs if is_finished(run)]
    ended = [row for row in all_ended(folder / "runs") if row.outcome == "finished"]
    sizes = [size_mib(run.root) for run in finished]
    order = {row.run: number for number, row in enumerate(ended)}  # a run that finished just as its batch was killed is in nobody's ledger
    prices = [working_seconds(run) for run in sorted(finished, key=lambda run: order.get(run.name, len(order))) if run.name in order]
    early, late = prices[FROM : FROM + WINDOW], prices[-WINDOW:]
    return {
        "entries": total,
        "minutes": round(sum(life.seconds for life in lives) / 60, 1),
        "kills": [how for life in lives for how in life.killed],
        "exit": lives[-1].code,
        "tracebacks": sum(life.crashed for life in lives),
        "unfinished": total - len({run.root.parent.name for run in finished}),
        "with_several_runs": len(runs) - len({run.root.parent.name for run in runs}),
        "executed_again_after_commit": {run.name: calls for run in runs if (calls := executed_again(run.root))},
        "doubled": {run.name: found for run in runs if (found := doubled(run.root))},
        "peak_mib": max(life.peak_mib for life in lives),
        "mib_for_each_run": {"median": round(median(sizes), 1), "largest": round(max(sizes), 1)},
        "seconds_for_each_run": round(median(prices), 1),
        "late_against_early": round(median(late) / median(early), 2) if len(prices) > FROM + WINDOW else None,
    }


def size_mib(folder: Path) -> float:
    """What a run takes on disk; a file with two names counts once."""
    return sum({(info := file.lstat()).st_ino: info.st_blocks * 512 for file in folder.rglob("*")}.values()) / 2**20


def working_seconds(run: Workspace) -> float:
    """Working time of all processes of a run."""
    return float(run.read_json("results/clock.json")["seconds"])


def scale(folder: Path, entries: list[str]) -> dict[str, Any]:
    """The same missions by one worker and by two, after a pass that is not counted and puts everything that can be shared on the shelf."""
    options = ["--entry", ",".join(entries), "--shared", str(folder / "runs/batch/shared")]
    taken = []
    for workers in (2, 1, 2):
        place = folder / f"workers-{workers}-{time.time_ns()}"
        place.mkdir()
        taken.append(sum(life.seconds for life in worked(place, [*options, "--jobs", str(workers)], len(entries), kills=0)))
    _, one, two = taken
    return {"entries": len(entries), "one": one, "two": two, "times": round(one / two, 2)}


if __name__ == "__main__":
    sys.exit(main())
