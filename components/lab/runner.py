"""Runs probes inside the sandbox: stageflow is imported once, every case gets a fork of its own.

    python -m components.lab.runner [--jobs N] [--logs DIR] [--coverage FILE] < jobs.jsonl > verdicts.jsonl

A job is `{"probe": "<area>/<name>"}` and may have `cases` (ids of the fixed cases to run), `given` (further cases:
`[{"id", "params"}]`), `control` (true: play the control), `entered` (true: tell which functions of the target ran), or
`explore` (`{"seed", "seconds"}`: look for violations beyond the fixed cases, see `components.lab.explore`). A job
`{"steer": {"probes": [ids], "seed", "seconds"}}` searches all of these by turns, see `components.lab.steering`.
A verdict line has `probe`, `case`, `component`, `cause`, `title`, `params`, `verdict` (holds, violated, unknown, not_applicable),
`expected`, `observed`, `reached` (some function of the target was called), `reason` and `seconds`; when asked for, `entered`
(functions of the target that ran) and `before` (those that ran while the cases were listed); with `--coverage` also
`new_arcs`, how many jumps between lines of the target it was the first to make. Unknown is never a pass.
"""

import argparse
import contextlib
import dataclasses
import gc
import importlib
import json
import logging
import os
import pkgutil
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from components.lab.explore import explore
from components.lab.observe import WATCH, Tracer, watch_reach
from components.lab.probe import Case, NotApplicable, Violation
from components.lab.steering import turns
from components.lab.verdict import play, play_virtual

GRACE = 5.0
"""Real seconds on top of a probe's own limit before its process is killed."""
SHRINKING = 20.0
"""Real seconds on top for a search, which ends what it has begun."""


@dataclass(frozen=True)
class Trial:
    """One case to run; `fault` is set when the case could not even be built."""

    probe: str
    module: ModuleType | None
    case: Case
    control: bool
    order: int = 0
    fault: tuple[str, str] | None = None
    entered: bool = False
    before: tuple[str, ...] = ()
    """Functions of the target that ran already while the cases were listed, when asked for."""
    explore: dict[str, Any] | None = None
    learn: Callable[[Sequence[dict[str, Any]], int], None] = lambda rows, arcs: None

    @property
    def seconds(self) -> float:
        """Real-time limit."""
        own = float(self.module.PROBE.seconds) if self.module else 0.0
        return own + self.explore["seconds"] + SHRINKING if self.explore else own


def trials(job: dict[str, Any], jobs: int) -> Iterator[Trial]:
    """The cases of a job, in the module's order; one faulty trial when the module cannot be loaded."""
    if job.get("steer") or job.get("explore"):
        importlib.import_module("hypothesis")  # once, for all forks that search
    if steer := job.get("steer"):
        for turn in turns(steer["probes"], steer["seed"], steer["seconds"], jobs):
            for trial in trials({"probe": turn.probe, "explore": turn.explore}, jobs):
                if trial.fault:
                    turn.learn([{"verdict": trial.fault[0], "over": True}], 0)
                yield dataclasses.replace(trial, learn=turn.learn)
        return
    control, entered = bool(job.get("control")), bool(job.get("entered"))
    before = WATCH.start() if entered else {}
    try:
        module = importlib.import_module("components.probes." + job["probe"].replace("/", "."))
        cases = list(module.cases() if hasattr(module, "cases") else module.CASES)
    except NotApplicable as missing:
        yield Trial(job["probe"], None, Case("*"), control, 0, ("not_applicable", str(missing)))
        return
    except BaseException as error:
        yield Trial(job["probe"], None, Case("*"), control, 0, ("unknown", f"cannot load: {type(error).__name__}: {error}"))
        return
    finally:
        WATCH.stop()
    if job.get("explore"):
        yield Trial(job["probe"], module, Case("explored"), control, len(cases), explore=job["explore"])
        return
    wanted = job.get("cases", [] if job.get("given") else None)
    for order, case in enumerate(cases):
        if wanted is None or case.id in wanted:
            yield Trial(job["probe"], module, case, control, order, entered=entered, before=tuple(before))
    for order, given in enumerate(job.get("given") or (), len(cases)):
        named = module.case_of(given["params"]) if hasattr(module, "case_of") else Case("")
        case = Case(given["id"], given["params"], named.title, named.component, named.cause)
        yield Trial(job["probe"], module, case, control, order, entered=entered, before=tuple(before))


def judge(trial: Trial) -> list[dict[str, Any]]:
    """Play one trial in this process and put the result into words; a search may have several results."""
    assert trial.module is not None
    if trial.explore is None:
        return [judge_case(trial, trial.module)]
    seen = watch_reach()
    rows = list(explore(trial.module, trial.explore))
    sys.setprofile(None)
    return [row | {"reached": bool(seen)} for row in rows]


def judge_case(trial: Trial, module: ModuleType) -> dict[str, Any]:
    """The verdict of one case."""
    probe = module.PROBE
    scenario = module.control if trial.control else module.scenario
    seen: Any = WATCH.start() if trial.entered else watch_reach()
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
    WATCH.stop() if trial.entered else sys.setprofile(None)
    if found["verdict"] in ("holds", "violated") and not seen and not trial.control:
        found = {"verdict": "unknown", "reason": "the target was never called"}
    return found | {"reached": bool(seen)} | ({"entered": list(seen), "before": trial.before} if trial.entered else {})


def start(trial: Trial, log: Path | None, tracer: Tracer | None) -> tuple[int, int]:
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
    told = {"rows": judge(trial), "arcs": tracer.take() if tracer else {}}
    with os.fdopen(writing, "w") as stream:
        json.dump(told, stream, default=str)
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
        "cause": trial.case.cause or (probe.cause if probe else ""),
        "title": trial.case.title or (probe.title if probe else ""),
        "params": dict(trial.case.params),
        "seconds": round(seconds, 3),
    }
    return json.dumps(row | found, default=str)


def finish(running: Running, killed: bool, tracer: Tracer | None) -> Iterator[str]:
    """End a child and everything it started; its verdict lines."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    os.close(running.pipe)
    seconds = time.monotonic() - running.began
    try:
        told = json.loads(running.said)
    except ValueError:
        _, status = os.waitpid(running.pid, 0)
        why = f"ran over {running.trial.seconds + GRACE:.0f} s" if killed else f"the process died (wait status {status})"
        told = {"rows": [{"verdict": "unknown", "reason": why, "reached": False}], "arcs": {}}
    measured = {"new_arcs": tracer.add(told["arcs"])} if tracer else {}
    running.trial.learn(told["rows"], measured.get("new_arcs", 0))
    for found in told["rows"]:
        outside = {key: value for key, value in found.items() if key not in ("features", "over")}
        yield line(running.trial, seconds, outside | measured)


def reaped(pid: int, how: int = os.WNOHANG) -> bool:
    """Whether a child that was ended is gone for good."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, how)[0] != 0
    return True


def run_all(queue: Iterator[Trial], jobs: int, logs: Path | None, tracer: Tracer | None = None) -> Iterator[str]:
    """Verdict lines of all trials, at most `jobs` at a time, in the order they end."""
    active: dict[int, Running] = {}
    ended: list[int] = []  # waiting for each of them at once would take a quarter of the time
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
                pid, pipe = start(trial, logs / f"{name}.log" if logs else None, tracer)
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
                yield from finish(running, late, tracer)
                ended.append(running.pid)
        ended = [pid for pid in ended if not reaped(pid)]
    for pid in ended:
        reaped(pid, 0)


def imported(package: str) -> ModuleType:
    """The package, with every module in it that can be imported."""
    target = importlib.import_module(package)
    for module in pkgutil.walk_packages(target.__path__, f"{package}.", onerror=lambda name: None):
        with contextlib.suppress(Exception):  # a module that cannot be imported is a finding of the probes, not of this function
            importlib.import_module(module.name)
    return target


def main() -> None:
    """Read jobs from standard input, write verdicts to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1, help="how many cases at once")
    parser.add_argument("--logs", type=Path, help="folder for one log file per case")
    parser.add_argument("--coverage", type=Path, help="file for the lines and branches of the target that ran, as JSON")
    args = parser.parse_args()
    tracer = Tracer() if args.coverage else None
    if tracer:
        tracer.start()
    target = imported("stageflow")  # the point of this process: imported once, inherited by every fork
    if tracer:
        tracer.add(tracer.take())
        tracer.start()
    gc.collect()
    gc.freeze()  # nothing of this is garbage; a collection in a fork would copy its pages
    queue = (trial for text in sys.stdin if text.strip() for trial in trials(json.loads(text), args.jobs))
    for text in run_all(queue, args.jobs, args.logs, tracer):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    if tracer:
        summary = tracer.summary(Path(str(target.__file__)).parent, args.coverage.with_suffix(".report"))
        args.coverage.write_text(json.dumps(summary), encoding="utf-8")


if __name__ == "__main__":
    main()
