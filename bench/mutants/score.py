"""What the probes make of one mutant: the cases that enter the changed function, against their verdicts on the sound release."""

import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bench.mutants.mutate import Mutant
from bench.mutants.source import Source

CaseId = tuple[str, str]
"""Probe and case."""
Fate = Literal["killed", "unknown", "survived", "unreached", "broken"]

RUNNER = "from bench.mutants.reach import preload; preload(); from components.lab.runner import main; main()"
LIMITS = 'ulimit -v 4194304; ulimit -t 40; exec nice -n 10 "$@"'
"""For every process of a mutant: 4 GB of address space, 40 s of processor time."""
DECIDED = ("holds", "violated")


@dataclass(frozen=True)
class Bench:
    """What all mutants are measured with.

    Attributes:
        python: interpreter of the target's environment.
        package: the sound package.
        library: folder that holds `components` and `bench`.
        entered: functions that each case enters.
        baseline: verdict of each case on the sound package; only of those that gave it every time.
        seconds: real seconds for one mutant.
        stall: real seconds without a verdict after which the running case is ended.
    """

    python: Path
    package: Path
    library: Path
    entered: Mapping[CaseId, frozenset[str]]
    baseline: Mapping[CaseId, str]
    seconds: float = 60.0
    stall: float = 6.0


@dataclass
class Result:
    """The fate of a mutant."""

    fate: Fate
    by: str = ""
    reason: str = ""
    tried: list[str] = field(default_factory=list)
    cases: int = 0
    undecided: list[str] = field(default_factory=list)
    seconds: float = 0.0


def concerned(mutant: Mutant, bench: Bench) -> list[CaseId]:
    """Cases that enter the changed function, or anything inside the changed class or module; one of every probe, then the others.

    Within that, those that enter the fewest functions come first: they look closest.
    """
    own = f"{mutant.file}:{mutant.function}"
    inside = f"{own}." if mutant.function else own
    found = [case for case, entered in bench.entered.items() if own in entered or any(name.startswith(inside) for name in entered)]
    found.sort(key=lambda case: (len(bench.entered[case]), case))
    turns: Counter[str] = Counter()
    placed: list[tuple[bool, int, CaseId]] = []
    for at, case in enumerate(found):
        placed.append((turns[case[0]] > 0, at, case))
        turns[case[0]] += 1
    return [case for *_, case in sorted(placed)]


class Copy:
    """A copy of the package in which one mutant at a time is planted."""

    def __init__(self, folder: Path, bench: Bench) -> None:
        self.folder = folder
        self.bench = bench
        shutil.copytree(bench.package, folder / bench.package.name)

    def plant(self, file: str, text: str) -> None:
        """Write a module; its compiled form goes."""
        path = self.folder / self.bench.package.name / file
        path.write_text(text, encoding="utf-8")
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
            compiled.unlink()

    def verdicts(self, jobs: Sequence[dict[str, Any]], seconds: float) -> Iterator[dict[str, Any]]:
        """Rows of the runner on this copy, as they come, until the time is up."""
        environ = {"PYTHONPATH": f"{self.folder}:{self.bench.library}", "PATH": os.environ["PATH"], "HOME": str(self.folder)}
        command = ["sh", "-c", LIMITS, "sh", str(self.bench.python), "-c", RUNNER]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=self.folder, env=environ, start_new_session=True
        )
        try:
            assert process.stdin and process.stdout
            process.stdin.write("".join(json.dumps(job) + "\n" for job in jobs).encode())
            process.stdin.close()
            yield from rows(process.stdout.fileno(), process.pid, seconds, self.bench.stall)
        finally:
            end_session(process.pid, leader=True)
            process.wait()
            if process.stdout:
                process.stdout.close()


def rows(pipe: int, session: int, seconds: float, stall: float) -> Iterator[dict[str, Any]]:
    """JSON lines from a pipe until it ends or the time is up; a case that stalls is ended, and the next one begins."""
    deadline, said = time.monotonic() + seconds, b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([pipe], [], [], min(left, stall))[0]:
            end_session(session, leader=False)
            continue
        chunk = os.read(pipe, 65536)
        if not chunk:
            return
        *lines, said = (said + chunk).split(b"\n")
        yield from (json.loads(line) for line in lines)


def end_session(session: int, leader: bool) -> None:
    """Kill the processes of a session of ours, with or without its leader."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            if int(fields[3]) == session and (leader or pid != session):
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            continue  # it has ended meanwhile


def jobs_of(cases: Sequence[CaseId], control: bool = False) -> list[dict[str, Any]]:
    """Jobs of the runner that keep the order."""
    grouped = itertools.groupby(cases, key=lambda case: case[0])
    return [{"probe": probe, "cases": [case for _, case in group], "control": control} for probe, group in grouped]


def judge(mutant: Mutant, source: Source, copy: Copy) -> Result:
    """Plant a mutant, run what concerns it until a case tells the difference, and put the module back."""
    cases = concerned(mutant, copy.bench)
    if not cases:
        return Result("unreached")
    began = time.monotonic()
    copy.plant(mutant.file, source.apply(mutant.edits))
    try:
        result = tried(cases, copy)
    finally:
        copy.plant(mutant.file, source.data.decode())
    result.seconds = round(time.monotonic() - began, 1)
    return result


def tried(cases: Sequence[CaseId], copy: Copy) -> Result:
    """Run the cases on a planted copy."""
    result = Result("survived")
    for row in copy.verdicts(jobs_of(cases), copy.bench.seconds):
        case = (row["probe"], row["case"])
        usual = copy.bench.baseline.get(case)
        if row["probe"] not in result.tried:
            result.tried.append(row["probe"])
        result.cases += 1
        if usual is None or row["verdict"] == usual:
            continue
        if row["verdict"] in DECIDED and usual in DECIDED and confirmed(case, row["verdict"], copy):
            result.fate, result.by = "killed", f"{case[0]} [{case[1]}]"
            result.reason = f"{usual} -> {row['verdict']}: expected {row.get('expected', '')}; observed {row.get('observed', '')}"[:300]
            return result
        result.undecided.append(f"{case[0]} [{case[1]}]: {row.get('reason', row['verdict'])}"[:200])
    if result.cases == 0:
        result.fate, result.reason = "broken", "no case ran: the package does not import, or the first case never ends"
    elif result.undecided:
        result.fate, result.reason = "unknown", result.undecided[0]
    elif result.cases < len(cases):
        result.fate, result.reason = "unknown", f"time was up after {result.cases} of {len(cases)} cases"
    return result


def confirmed(case: CaseId, verdict: str, copy: Copy) -> bool:
    """Whether a case says so again and its control still holds: only then would the agent report it."""
    again = jobs_of([case]) + jobs_of([case], control=True)
    found = [(row["control"], row["verdict"]) for row in copy.verdicts(again, copy.bench.seconds)]
    return (False, verdict) in found and (True, "holds") in found
