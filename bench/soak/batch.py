"""Kills a batch and its missions again and again, then sets bad neighbours beside a good mission, and compares with missions alone.

    python -m bench.soak.batch [--kills 20] [--seed 1] [--json FILE]

The kills: SIGKILL, SIGTERM or Ctrl-C twice to the batch, SIGKILL to one of its missions, at random moments; the same command goes on.
The neighbours: one that is killed whenever it begins, one that is stopped dead (SIGSTOP) so that it hangs, one whose folder is a disk that
is too small (as root). Exit code 0 when nothing is lost, doubled or executed again after its commit, and the good mission found what it
finds alone.
"""

import argparse
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.batch import Standing, all_ended, read_standing
from bench.rows import ROOT
from bench.soak.ends import differences, doubled, executed_again

PAIR = ("CORE-001", "CORE-002")
NEIGHBOURS = ("CORE-003", "CORE-004", "CORE-005")
"""Killed, hung, full disk."""
FULL_MIB = 2
"""Size of the disk that is too small for a mission."""
HUNG_MINUTES = 5.0
ORIGIN = re.compile(r"; proven in \S+, taken over with its logs")
LONGEST = 1800.0


@dataclass(frozen=True)
class Watched:
    """A batch under way and what it says."""

    runs: Path
    process: "subprocess.Popen[bytes]"
    said: Path

    def ended(self) -> bool:
        """Whether it came to its end."""
        return self.process.poll() is not None

    def standing(self, holds: Callable[[Standing], bool]) -> Standing | None:
        """The first standing of this process of which something holds; None when the batch ends before."""
        until = time.monotonic() + LONGEST
        while not self.ended() and time.monotonic() < until:
            standing = read_standing(self.runs)
            if standing and standing.pid == self.process.pid and holds(standing):
                return standing
            time.sleep(0.1)
        return None

    def traceback(self) -> str:
        """One that the batch or one of its missions told; empty when none did."""
        for file in (self.said, *(self.runs / "batch/logs").glob("*.log")):
            _, found, after = file.read_text(encoding="utf-8", errors="replace").partition("Traceback (most recent call last)")
            if found:
                return f"{file.name}: {after[:6000]}"
        return ""


@contextlib.contextmanager
def batch(runs: Path, entries: tuple[str, ...], *more: str) -> Iterator[Watched]:
    """A batch of these entries; killed in the end if it still runs."""
    runs.mkdir(parents=True, exist_ok=True)
    said = runs.with_name(f"{runs.name}.said")
    options = ["--entry", ",".join(entries), "--runs", str(runs), "--search", "offline", "--provider", "none", "--redo", "failed"]
    with said.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", "--batch", *options, *more], cwd=ROOT, stdout=stream, stderr=stream, start_new_session=True
        )
    try:
        yield Watched(runs, process, said)
    finally:
        process.kill()
        process.wait()


def killed_once(watched: Watched, rng: random.Random) -> str:
    """Kill something at a random moment; what it was, empty when the batch ended before."""
    if watched.standing(lambda now: bool(now.running)) is None:
        return ""
    time.sleep(rng.uniform(0.5, 10))
    standing = watched.standing(lambda now: bool(now.running))
    if standing is None:
        return ""
    how = rng.choice(("SIGKILL to the batch", "SIGTERM to the batch", "Ctrl-C twice", "SIGKILL to a mission"))
    if strike(how, watched.process.pid, rng.choice(standing.running).pid) == watched.process.pid:
        watched.process.wait(timeout=120)
    return how


def strike(how: str, batch: int, mission: int) -> int:
    """Signal the process of a batch or of one of its missions, as `how` says; the one that was signalled."""
    victim = mission if how == "SIGKILL to a mission" else batch
    number = {"SIGTERM to the batch": signal.SIGTERM, "Ctrl-C twice": signal.SIGINT}.get(how, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, number)
        if how == "Ctrl-C twice":
            time.sleep(0.3)
            os.kill(victim, number)
    return victim


def killed_many(runs: Path, kills: int, rng: random.Random) -> tuple[list[str], int, str]:
    """(what was killed, exit code of the last batch, a traceback if one was told); a batch that goes on ends with 0 at some time."""
    done: list[str] = []
    for _ in range(2 * kills):
        with batch(runs, PAIR) as watched:
            while len(done) < kills and (how := killed_once(watched, rng)):
                done.append(how)
                print(f"{len(done)} {how}", flush=True)
            code = watched.process.wait(timeout=LONGEST)
        if not code or watched.traceback():
            break
    return done, code, watched.traceback()


def alone(runs: Path, entry: str) -> Path:
    """An undisturbed mission."""
    command = [sys.executable, "-m", "agent", "--entry", entry, "--runs", str(runs), "--search", "offline", "--provider", "none"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=LONGEST)
    return next(iter((runs / entry).glob("run-*")))


@contextlib.contextmanager
def full_disk(place: Path) -> Iterator[str]:
    """A disk at `place` that is too small for a mission; or why there is none."""
    place.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={FULL_MIB}m", "tmpfs", str(place)], capture_output=True, text=True)
    try:
        yield made.stderr.strip()
    finally:
        if not made.returncode:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def neighbours(runs: Path) -> dict[str, Any]:
    """A good mission beside one that is killed whenever it begins, one that hangs, and one on a full disk."""
    killed, hung, full = NEIGHBOURS
    with (
        full_disk(runs / full) as no_disk,
        batch(runs, (*NEIGHBOURS, PAIR[0]), "--jobs", "4", "--hung-after", str(HUNG_MINUTES)) as watched,
    ):
        stopped: set[int] = set()
        while standing := watched.standing(lambda now: any(row.entry in (killed, hung) and row.pid not in stopped for row in now.running)):
            for row in standing.running:
                if row.entry in (killed, hung) and row.pid not in stopped:
                    time.sleep(3)
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(row.pid, signal.SIGKILL if row.entry == killed else signal.SIGSTOP)
                    stopped.add(row.pid)
        watched.process.wait(timeout=LONGEST)
        ends = {row.entry: {"outcome": row.outcome, "why": row.why} for row in all_ended(runs)}
        return {"full_disk": no_disk or f"{FULL_MIB} MiB", "ends": ends, "traceback": watched.traceback()}


def main() -> int:
    """Run all parts, compare, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.soak.batch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temp:
        quiet = {entry: alone(Path(temp) / "quiet", entry) for entry in PAIR}
        kills, code, traceback = killed_many(Path(temp) / "killed", args.kills, random.Random(args.seed))
        beside = neighbours(Path(temp) / "beside")
        folders = {entry: [quiet[entry], *(Path(temp) / "killed" / entry).glob("run-*")] for entry in PAIR}
        good = [quiet[PAIR[0]], *(Path(temp) / "beside" / PAIR[0]).glob("run-*")]
        result = {
            "kills": kills,
            "exit": code,
            "traceback": traceback or beside["traceback"],
            "missions": {entry: compared(*pair) for entry, pair in folders.items()},
            "neighbours": beside | {"good": compared(*good)},
            "seconds": round(time.monotonic() - began),
        }
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return int(wrong(result))


def compared(quiet: Path, *runs: Path) -> dict[str, Any]:
    """How a run of the batch differs from the one alone; `runs` is how many there are, which must be one."""
    if len(runs) != 1:
        return {"runs": len(runs)}
    found = differences(quiet, runs[0])
    found["report"] = beyond_origin(found["report"])
    return {"runs": 1, **found, "doubled": doubled(runs[0]), "executed_again_after_commit": executed_again(runs[0])}


def beyond_origin(diff: Sequence[str]) -> list[str]:
    """Lines of a difference that are not the same but for the run in which a proof was made."""
    sides = {sign: {ORIGIN.sub("", line[1:]) for line in diff if line[:1] == sign and line[:3] != sign * 3} for sign in "-+"}
    return sorted(sides["-"] ^ sides["+"])


def wrong(result: dict[str, Any]) -> bool:
    """Whether anything is not as it should be."""
    bad = ("lost", "added", "verdicts", "report", "doubled", "executed_again_after_commit")
    missions = [*result["missions"].values(), result["neighbours"]["good"]]
    finished = [entry for entry, end in result["neighbours"]["ends"].items() if end["outcome"] == "finished"]
    return (
        bool(result["exit"] or result["traceback"])
        or any(row["runs"] != 1 or any(row[key] for key in bad) for row in missions)
        or finished != [PAIR[0]]
    )


if __name__ == "__main__":
    sys.exit(main())
