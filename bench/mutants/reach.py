"""Which functions of the target every case of every probe enters; runs in the target's interpreter.

    python -m bench.mutants.reach --jobs N < probe names > one JSON line per case

A line has `probe`, `case` and `entered`: `<path below stageflow>:<qualified name>` of each function. Every case runs in a fork
of its own; one that does not end enters nothing. A trace slows a case down, so take no verdicts from here.
"""

import argparse
import contextlib
import importlib
import json
import logging
import multiprocessing
import os
import pkgutil
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType, ModuleType
from typing import Any

from components.lab.probe import NotApplicable
from components.lab.verdict import play, play_virtual

PACKAGE = "stageflow"
GRACE = 20
"""Real seconds on top of a probe's own limit."""


def preload() -> None:
    """Import the whole target now, so that no fork has to."""
    package = importlib.import_module(PACKAGE)
    for module in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)


def entered(frame: FrameType) -> Iterator[str]:
    """The names of the function that a frame of the target belongs to; several for a generated method that is inherited."""
    module = str(frame.f_globals.get("__name__"))
    if module.partition(".")[0] != PACKAGE:
        return
    path = str(frame.f_globals.get("__file__")).rpartition(f"/{PACKAGE}/")[2]
    if not frame.f_code.co_filename.startswith("<"):
        yield f"{path}:{frame.f_code.co_qualname}"
    elif (owner := frame.f_locals.get("self")) is not None:
        for base in type(owner).__mro__:
            file = getattr(sys.modules.get(base.__module__), "__file__", None)
            if file and base.__module__.partition(".")[0] == PACKAGE:
                yield f"{file.rpartition(f'/{PACKAGE}/')[2]}:{base.__qualname__}.{frame.f_code.co_name}"


def play_traced(module: ModuleType, params: Mapping[str, Any]) -> list[str]:
    """What one case enters in this process, however it ends."""
    seen: set[str] = set()

    def trace(frame: FrameType, event: str, argument: Any) -> None:
        seen.update(entered(frame))

    threading.settrace(trace)
    sys.settrace(trace)
    with contextlib.suppress(BaseException):
        (play_virtual if module.PROBE.virtual_time else play)(module.scenario, params, module.PROBE.seconds)
    sys.settrace(None)
    return sorted(seen)


def in_fork(module: ModuleType, params: Mapping[str, Any]) -> list[str]:
    """The same in a child process that is killed when it takes too long."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(int(module.PROBE.seconds) + GRACE)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        with os.fdopen(writing, "w") as pipe:
            json.dump(play_traced(module, params), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return [str(name) for name in json.loads(said)] if said else []


def report(names: Sequence[str], turn: Any) -> None:
    """One line for each case of the named probes."""
    for name in names:
        try:
            module = importlib.import_module("components.probes." + name.replace("/", "."))
            cases = list(module.cases() if hasattr(module, "cases") else module.CASES)
        except NotApplicable:
            continue
        for case in cases:
            line = {"probe": name, "case": case.id, "entered": in_fork(module, case.params)}
            with turn:  # a line is longer than what a pipe takes at once
                print(json.dumps(line), flush=True)


def main() -> None:
    """Trace all probes named on standard input, in so many processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1)
    jobs = parser.parse_args().jobs
    names = sys.stdin.read().split()
    preload()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    forks = multiprocessing.get_context("fork")
    turn = forks.Lock()
    workers = [forks.Process(target=report, args=(names[at::jobs], turn)) for at in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
