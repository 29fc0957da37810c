"""Damages copies of a stopped and of a finished run in every way we could think of, and judges what the real commands make of it.

    python -m bench.damage [--only WORD] [--jobs 2] [--keep DIR] [--json FILE]

One mission is made, killed in phase 5, and gone on with. For every kind of damage copies of both runs are damaged; `runs verify` has to
see it, the commands that only look have to survive it, `--resume` has to tell it and to come to the findings, verdicts and report of the
undamaged run, or to refuse with a clear line. `--keep DIR` keeps the two runs for the next time. Exit code 0 when nothing was accepted in
silence, nothing ended as a traceback, and every end is the same.
"""

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench.damage.changes import CHANGES, changed, target_changed
from bench.damage.judged import Outcome, damaged
from bench.damage.kinds import KINDS
from bench.damage.prepared import Prepared, prepare

Job = tuple[str, Callable[[], Outcome]]


def jobs_of(prepared: Prepared, folder: Path, only: str) -> Iterator[Job]:
    """All kinds with their names; the change of the shared target comes last and alone."""
    for number, kind in enumerate(KINDS):
        yield kind.name, partial(damaged, kind, prepared, folder / f"kind-{number}")
    for number, change in enumerate(CHANGES):
        yield change.name, partial(changed, change, prepared, folder / f"change-{number}")


def play(jobs: list[Job], abreast: int) -> Iterator[Outcome]:
    """Outcomes in their order; one that cannot be judged is wrong."""

    def judged(job: Job) -> Outcome:
        try:
            return job[1]()
        except Exception as error:  # the bench itself must go on to the next kind
            return Outcome(job[0], wrong=[f"not judged: {type(error).__name__}: {error}"[:400]])

    with ThreadPoolExecutor(abreast) as pool:
        yield from pool.map(judged, jobs)


def shown(outcome: Outcome) -> str:
    """A row as one line of a Markdown table."""
    seen = "yes" if all(outcome.detected) else "partly" if any(outcome.detected) else "-"
    verdict = "; ".join(outcome.wrong)[:400] or "ok"
    return f"| {outcome.kind} | {seen} | {outcome.told[:110]} | {outcome.again} | {outcome.end} | {verdict} |"


def main() -> int:
    """Prepare, damage, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.damage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="WORD", help="kinds with this word in their name")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the two runs here, or take those that are here")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="damage-") as temp:
        prepared = prepare((args.keep or Path(temp) / "prepared").resolve())
        print(f"prepared in {time.monotonic() - began:.0f} s", flush=True)
        print("| kind | runs verify sees it | told by --resume | made again | end | judged |\n|---|---|---|---|---|---|", flush=True)
        jobs = [job for job in jobs_of(prepared, Path(temp), args.only) if args.only in job[0]]
        last: list[Job] = [("target changed", partial(target_changed, prepared, Path(temp) / "target-changed"))]
        outcomes = []
        for outcome in itertools.chain(play(jobs, args.jobs), play([job for job in last if args.only in job[0]], 1)):
            outcomes.append(outcome)
            print(shown(outcome), flush=True)
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    silent = sum("accepted in silence" in problem or "did not see" in problem for outcome in wrong for problem in outcome.wrong)
    tracebacks = sum("raceback" in problem for outcome in wrong for problem in outcome.wrong)
    result = {
        "kinds": len(outcomes),
        "silent_acceptances": silent,
        "tracebacks": tracebacks,
        "wrong": len(wrong),
        "seconds": round(time.monotonic() - began),
        "outcomes": [outcome.row() for outcome in outcomes],
    }
    print(
        ", ".join(f"{name.replace('_', ' ')}: {result[name]}" for name in ("kinds", "silent_acceptances", "tracebacks", "wrong", "seconds"))
    )
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
