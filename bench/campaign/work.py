"""Lives of one batch: from the start of its process to its end, or to where it is killed on the way."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.core.batch import all_ended, read_standing
from bench.memory import tree_kib
from bench.rows import ROOT
from bench.soak.batch import strike

LOOK = 1.0
"""Seconds between two looks at a batch."""
OF_A_MISSION = "SIGKILL to a mission"
"""The batch goes on after it."""
WAYS = ("SIGKILL to the batch", OF_A_MISSION, "Ctrl-C twice", "SIGTERM to the batch", "SIGKILL to the batch")
"""How it is killed, in turn."""


@dataclass(frozen=True)
class Life:
    """One life of a batch.

    Attributes:
        seconds: how long it lasted.
        peak_mib: most memory of the whole tree of processes, shared pages counted once.
        killed: what was done to it, in order.
        code: exit code.
        crashed: it told a traceback.
    """

    seconds: float
    peak_mib: float
    killed: tuple[str, ...]
    code: int
    crashed: bool

    @property
    def ended(self) -> bool:
        """It came to its own end."""
        return not self.killed or self.killed[-1] == OF_A_MISSION


def lives(folder: Path) -> list[Life]:
    """What is remembered of the lives of a batch, so that a measurement that is stopped goes on."""
    file = folder / "lives.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [Life(**{**(row := json.loads(line)), "killed": tuple(row["killed"])}) for line in lines]


def worked(folder: Path, options: Sequence[str], total: int, kills: int) -> list[Life]:
    """Run the batch in `folder/runs` to its end, however often it is killed on the way; the kills are spread evenly over the missions."""
    command = [sys.executable, "-m", "agent", "--batch", "--runs", str(folder / "runs"), "--search", "offline", "--provider", "none"]
    plan = [(total * (number + 1) // (kills + 1), WAYS[number % len(WAYS)]) for number in range(kills)]
    while True:
        done = sum(len(life.killed) for life in lives(folder))
        life = one_life([*command, *options], folder, plan[done:])
        with (folder / "lives.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(life)) + "\n")
        finished = sum(row.outcome == "finished" for row in all_ended(folder / "runs"))
        print(f"{finished} of {total} finished; {life}", flush=True)
        if life.ended:
            return lives(folder)


def one_life(command: Sequence[str], folder: Path, plan: Sequence[tuple[int, str]]) -> Life:
    """Start the batch and kill something each time that so many missions have ended, until that ends the batch."""
    began, peak = time.monotonic(), 0.0
    killed: list[str] = []
    with (folder / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
        try:
            while process.poll() is None:
                peak = max(peak, tree_kib(process.pid) / 1024)
                after, way = plan[len(killed)] if len(killed) < len(plan) else (sys.maxsize, "")
                if len(all_ended(folder / "runs")) >= after and kill(process, folder / "runs", way):
                    killed.append(way)
                time.sleep(LOOK)
        finally:
            process.kill()
        said.seek(0)
        crashed = "Traceback (most recent call last)" in said.read()
    return Life(round(time.monotonic() - began, 1), round(peak), tuple(killed), process.returncode, crashed)


def kill(process: "subprocess.Popen[str]", runs: Path, way: str) -> bool:
    """Kill the batch, or one of its missions; False when none is under way."""
    standing = read_standing(runs)
    if standing is None or standing.pid != process.pid or not standing.running:
        return False
    strike(way, process.pid, standing.running[0].pid)
    return True
