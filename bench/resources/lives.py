"""One mission that is robbed and stopped again and again, each time of something else; its partial reports are judged on the way."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.resources.judge import fingerprints, problems, states
from bench.resources.place import give_back
from bench.rows import ROOT

LONGEST = 600.0
PERSONS = ("SIGINT", "SIGTERM", "SIGKILL")
STARVED = ("disk", "inodes", "read-only", "handles", "memory", "file size")
CALL = re.compile(r"^os\.rename .*/results/calls/(\w+)/")
OPEN = re.compile(r"^open .*/results/calls/")


@dataclass
class Life:
    """How a process ended, and what of it can be judged."""

    how: str
    place: str
    code: int
    line: str
    hint: str
    traceback: bool
    clock: str = ""
    report: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    phases: dict[str, str] = field(default_factory=dict)

    def right(self) -> bool:
        """Whether the code fits what happened, with one clear line and a sound report."""
        codes = {"SIGINT": (130,), "SIGTERM": (130,), "SIGKILL": (-9,), "read-only": (4,), "end": (0,)}.get(self.how, (3,))
        clear = self.how in (*PERSONS, "end") or self.line.startswith("error: ")
        return self.code in codes and clear and not self.traceback and not self.report


def environment(faketime: str, offset: str) -> dict[str, str]:
    """Locale C, no home, and a clock that is wrong when there is something to make it so."""
    kept = {name: value for name, value in os.environ.items() if name not in ("HOME", "LANG") and not name.startswith("LC_")}
    wrong = {"LD_PRELOAD": faketime, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"} if faketime and offset else {}
    return {**kept, "LC_ALL": "C", **wrong}


def live(args: Sequence[str], plan: Mapping[str, object], env: Mapping[str, str]) -> Life:
    """Run the agent under the hook until it ends."""
    with tempfile.TemporaryDirectory() as temp:
        file = Path(temp) / "plan.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        read, told = os.pipe()
        command = [sys.executable, "-m", "bench.resources.hook", str(file), str(told), "agent", *args]
        done = subprocess.run(command, cwd=ROOT, pass_fds=(told,), env=dict(env), capture_output=True, text=True, timeout=LONGEST)
        os.close(told)
        with os.fdopen(read) as stream:
            hit = stream.readline().strip()
    return read_life(str(plan["how"]) if hit else "end", hit, done)


def read_life(how: str, place: str, done: "subprocess.CompletedProcess[str]") -> Life:
    """A life as its output tells it."""
    said = done.stderr.strip().splitlines() or done.stdout.strip().splitlines()[-3:] or [""]
    crashed = "Traceback (most recent call last)" in done.stdout + done.stderr
    return Life(how, place, done.returncode, said[-1] if crashed else said[0], " ".join(line.strip() for line in said[1:]), crashed)


def chosen(touched: Sequence[str], persons: int) -> list[tuple[str, str]]:
    """Places and ways in the order in which they come: starvation and persons in turn, each phase at least once."""
    places = [place for place in dict.fromkeys(touched) if CALL.match(place) or OPEN.match(place) or "config/run_config.json" in place]
    number = persons + len(STARVED)
    step = len(places) / number
    picked = {places[int(index * step)] for index in range(number)}
    first: dict[str, str] = {}
    for place in places:
        if (found := CALL.match(place)) and found[1] not in first:
            first[found[1]] = place
    wanted = [place for place in places if place in picked | set(first.values())]
    return [
        (place, STARVED[index // 2] if index % 2 and index // 2 < len(STARVED) else PERSONS[index % 3])
        for index, place in enumerate(wanted)
    ]


def robbed(disk: Path, entry: str, touched: Sequence[str], persons: int, faketime: str) -> list[Life]:
    """The lives of one mission, the last one to its own end."""
    runs = disk / "größe 数据" / ("x" * 150)
    where = ["--runs", str(runs), "--search", "offline", "--provider", "none"]
    left = chosen(touched, persons)
    lives: list[Life] = []
    while True:
        begun = list(runs.glob("*/*/config/run_config.json"))
        how = left[0][1] if left else "SIGINT"
        clock = ("", "-3d", "+400d")[len(lives) % 3] if faketime else ""
        plan: dict[str, object] = {
            "folder": str(runs),
            "labels": [place for place, _ in left],
            "how": how,
            "ballast": str(disk / "ballast"),
        }
        if how == "read-only":  # no disk that is being written to can be made so
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            plan["labels"] = []
        life = live([*where, *(["--resume"] if begun else ["--entry", entry])], plan, environment(faketime, clock))
        life.clock = clock
        lives.append(life)
        give_back(disk)
        if how == "read-only":
            life.how, life.place = how, left[0][0]
        if not life.place:
            return lives
        names = [place for place, _ in left]
        left = left[names.index(life.place) + 1 :]
        judge(life, runs)
        print(f"{len(lives)} {life.how} before {life.place}: {life.code} {life.line[:110]} {life.report or ''}", flush=True)


def judge(life: Life, runs: Path) -> None:
    """Write the report of the stopped run and judge it; a mission that was killed before it had a configuration has none."""
    folder = next((file.parents[1] for file in runs.glob("*/*/config/run_config.json")), None)
    if folder is None:
        return
    command = [sys.executable, "-m", "agent", "report", f"{folder.parent.name}/{folder.name}", "--runs", str(runs)]
    done = subprocess.run(command, cwd=ROOT, env=environment("", ""), capture_output=True, text=True, timeout=LONGEST)
    life.report = [f"report ended with {done.returncode}: {done.stderr[-300:]}"] if done.returncode else problems(folder)
    if done.returncode:
        return
    life.told = fingerprints(folder)
    life.phases = states(folder)
