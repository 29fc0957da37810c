"""Runs probes inside the sandbox: stageflow is imported once, every case gets a fork of its own.

    python -m components.lab.runner [--jobs N] [--logs DIR] < jobs.jsonl > verdicts.jsonl

A job is `{"probe": "<area>/<name>", "cases": [ids] | null, "control": bool}`; a verdict line has `probe`, `case`,
`component`, `title`, `params`, `verdict` (holds, violated, unknown, not_applicable), `expected`, `observed`,
`reached` (some function of the target was called), `reason` and `seconds`. Unknown is never a pass.
"""

import argparse
import contextlib
import importlib
import json
import logging
import os
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from components.lab.probe import Case, NotApplicable, Violation
from components.lab.verdict import play, play_virtual

GRACE = 5.0
"""Real seconds on top of a probe's own limit before its process is killed."""


@dataclass(frozen=True)
class Trial:
    """One case to run; `fault` is set when the case could not even be built."""

    probe: str
    module: ModuleType | None
    case: Case
    control: bool
    order: int = 0
    fault: tuple[str, str] | None = None

    @property
    def seconds(self) -> float:
        """Real-time limit."""
        return float(self.module.PROBE.seconds) if self.module else 0.0


def trials(job: dict[str, Any]) -> Iterator[Trial]:
    """The cases of a job, in the module's order; one faulty trial when the module cannot be loaded."""
    control = bool(job.get("control"))
    try:
        module = importlib.import_module("components.probes." + job["probe"].replace("/", "."))
        cases = list(module.cases() if hasattr(module, "cases") else module.CASES)
    except NotApplicable as missing:
        yield Trial(job["probe"], None, Case("*"), control, 0, ("not_applicable", str(missing)))
        return
    except BaseException as error:
        yield Trial(job["probe"], None, Case("*"), control, 0, ("unknown", f"cannot load: {type(error).__name__}: {error}"))
        return
    wanted = job.get("cases")
    for order, case in enumerate(cases):
        if wanted is None or case.id in wanted:
            yield Trial(job["probe"], module, case, control, order)


def watch_reach() -> list[bool]:
    """A list that becomes `[True]` as soon as code of the target runs in this process."""
    seen: list[bool] = []

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] == "stageflow":
            seen.append(True)
            sys.setprofile(None)

    sys.setprofile(profile)
    return seen


def judge(trial: Trial) -> dict[str, Any]:
    """Play one trial in this process and put the result into words."""
    assert trial.module is not None
    probe = trial.module.PROBE
    scenario = trial.module.control if trial.control else trial.module.scenario
    seen = watch_reach()
    try:
        player = play_virtual if probe.virtual_time else play
        player(scenario, trial.case.params, probe.seconds)
        found: dict[str, Any] = {"verdict": "holds"}
    except Violation as violation:
        found = {"verdict": "violated", "expected": violation.expected, "observed": violation.observed}
    except NotApplicable as missing:
        found = {"verdict": "not_applicable", "reason": str(missing)}
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        found = {"verdict": "unknown", "reason": f"{type(error).__name__}: {error} (at {where})"}
        traceback.print_exc()
    sys.setprofile(None)
    if found["verdict"] in ("holds", "violated") and not seen and not trial.control:
        found = {"verdict": "unknown", "reason": "the target was never called"}
    return found | {"reached": bool(seen)}


def start(trial: Trial, log: Path | None) -> tuple[int, int]:
    """Fork a child that judges the trial; returns its pid and the reading end of its verdict pipe."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    os.setpgid(0, 0)
    os.close(reading)
    sink = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    logging.basicConfig(level=logging.INFO, force=True, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    warnings.simplefilter("ignore")
    verdict = judge(trial)
    with os.fdopen(writing, "w") as stream:
        json.dump(verdict, stream, default=str)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@dataclass
class Running:
    """A forked trial and what it has said so far."""

    trial: Trial
    pid: int
    pipe: int
    began: float
    said: bytes = b""


def line(trial: Trial, seconds: float, found: dict[str, Any]) -> str:
    """One verdict line."""
    probe = trial.module.PROBE if trial.module else None
    row = {
        "probe": trial.probe,
        "case": trial.case.id,
        "order": trial.order,
        "control": trial.control,
        "component": trial.case.component or (probe.component if probe else ""),
        "title": trial.case.title or (probe.title if probe else ""),
        "params": dict(trial.case.params),
        "seconds": round(seconds, 3),
    }
    return json.dumps(row | found, default=str)


def finish(running: Running, killed: bool) -> str:
    """Reap a child and everything it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    os.close(running.pipe)
    _, status = os.waitpid(running.pid, 0)
    seconds = time.monotonic() - running.began
    try:
        found = json.loads(running.said)
    except ValueError:
        why = f"ran over {running.trial.seconds + GRACE:.0f} s" if killed else f"the process died (wait status {status})"
        found = {"verdict": "unknown", "reason": why, "reached": False}
    return line(running.trial, seconds, found)


def run_all(queue: Iterator[Trial], jobs: int, logs: Path | None) -> Iterator[str]:
    """Verdict lines of all trials, at most `jobs` at a time, in the order they end."""
    active: dict[int, Running] = {}
    exhausted = False
    while active or not exhausted:
        while not exhausted and len(active) < jobs:
            trial = next(queue, None)
            if trial is None:
                exhausted = True
            elif trial.fault:
                yield line(trial, 0.0, {"verdict": trial.fault[0], "reason": trial.fault[1], "reached": False})
            else:
                name = f"{trial.probe}--{trial.case.id}".replace("/", ".").replace(" ", "_")
                pid, pipe = start(trial, logs / f"{name}.log" if logs else None)
                active[pipe] = Running(trial, pid, pipe, time.monotonic())
        ready, _, _ = select.select(list(active), [], [], 0.1)
        now = time.monotonic()
        for pipe in list(active):
            running = active[pipe]
            if pipe in ready:
                chunk = os.read(pipe, 65536)
                running.said += chunk
                if chunk:
                    continue
            late = now - running.began > running.trial.seconds + GRACE
            if pipe in ready or late:
                del active[pipe]
                yield finish(running, killed=late)


def main() -> None:
    """Read jobs from standard input, write verdicts to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1, help="how many cases at once")
    parser.add_argument("--logs", type=Path, help="folder for one log file per case")
    args = parser.parse_args()
    importlib.import_module("stageflow")  # the point of this process: imported once, inherited by every fork
    queue = (trial for text in sys.stdin if text.strip() for trial in trials(json.loads(text)))
    for text in run_all(queue, args.jobs, args.logs):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
