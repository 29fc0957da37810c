"""Takes from missions what they need: disk, inodes, write access, handles, memory, processes, file sizes, output, time, their lock.

    python -m bench.resources [--entry CORE-001] [--stops 14] [--json FILE]

`starts` begins commands where something is missing already. `mission` robs and stops one mission at places spread over all its phases, in
locale C, without a home, below a long non-ASCII path, on another disk, and with libfaketime under clocks that jump; after each time the
partial report is judged and the mission goes on, to the findings of an undisturbed one. Exit code 0 only when all is right. What cannot
be had here (root for small disks, libfaketime) is said.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.resources.judge import fingerprints
from bench.resources.lives import Life, robbed
from bench.resources.place import own_mounts, tmpfs
from bench.resources.starts import at_once, played, scratch
from bench.soak.__main__ import undisturbed
from bench.soak.ends import differences, doubled, executed_again

FAKETIME = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/local/lib/faketime/libfaketime.so.1")


def libfaketime() -> str:
    """Debian's library that tells programs another time; empty where it is not installed."""
    return next((str(file) for pattern in FAKETIME for file in Path("/").glob(pattern.lstrip("/"))), "")


def mission(temp: Path, entry: str, stops: int, faketime: str) -> tuple[dict[str, Any], Path]:
    """An undisturbed mission and a robbed one; what differs, and the undisturbed run."""
    quiet, touched = undisturbed(temp / "quiet", entry, temp / "places", model=False)
    with tmpfs(temp / "disk", "size=700m,nr_inodes=30000") as disk:
        (disk / "ballast").mkdir()
        lives = robbed(disk, entry, touched, stops, faketime)
        folder = next(iter(disk.glob("*/*/*/run-*")))
        result = {
            "stops": len(lives) - 1,
            "clock_jumps": sum(bool(life.clock) for life in lives),
            "phases_stopped_in": sorted({name for life in lives for name, state in life.phases.items() if state == "begun"}),
            "wrong": [row(life) for life in lives if not life.right()],
            "partial_findings_beyond_the_whole": sorted(set().union(*(life.told for life in lives)) - fingerprints(folder)),
            **differences(quiet, folder),
            "doubled": doubled(folder),
            "executed_again_after_commit": executed_again(folder),
            "rows": [row(life) for life in lives],
        }
    return result, quiet


def row(life: Life) -> dict[str, Any]:
    """A life for the result file."""
    facts = {name: getattr(life, name) for name in ("how", "place", "code", "line", "traceback", "clock", "report")}
    return facts | {"phases": life.phases, "told": len(life.told), "right": life.right()}


def wrong(result: dict[str, Any]) -> bool:
    """Whether anything of it is not right."""
    if any(not one["right"] for one in result.get("starts", [])):
        return True
    found = result.get("mission", {})
    names = ("wrong", "partial_findings_beyond_the_whole", "lost", "added", "verdicts", "report", "doubled", "executed_again_after_commit")
    return any(found.get(name) for name in names)


def main(argv: Sequence[str] | None = None) -> int:
    """Play, compare, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.resources", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entry", default="CORE-001")
    parser.add_argument("--stops", type=int, default=14, help="stops by a person or a kill, beside those by starvation")
    parser.add_argument(
        "--faketime", default=libfaketime(), metavar="FILE", help="libfaketime.so.1 (default: Debian's, when it is installed)"
    )
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(argv)
    if why := own_mounts():
        print(f"not possible here: {why}")
        return 4
    if not args.faketime:
        print("not possible here: clock jumps (libfaketime is not installed; time namespaces leave the wall clock alone)")
    began, temp = time.monotonic(), scratch()
    try:
        found, quiet = mission(temp, args.entry, args.stops, args.faketime)
        result: dict[str, Any] = {"mission": found, "starts": [*played(quiet.parent.parent, temp), *at_once(temp)]}
    finally:
        shutil.rmtree(temp, ignore_errors=True)
    result |= {"faketime": bool(args.faketime), "seconds": round(time.monotonic() - began)}
    print(json.dumps(result, indent=2, ensure_ascii=False))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(wrong(result))


if __name__ == "__main__":
    sys.exit(main())
