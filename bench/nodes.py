"""Nodes of a batch on this machine: a scheduler and workers, each in a checkout of its own, and what happens when one dies."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.core.batch import Standing, read_standing
from bench.rows import ROOT

READY = 60.0
LEFT_OUT = (".git", ".venv", ".cache", "runs", "bench", "tests", "clean", "__pycache__")


@dataclass(frozen=True)
class Node:
    """A scheduler or a worker: a process with children, and what it says."""

    process: "subprocess.Popen[bytes]"
    said: Path

    def text(self) -> str:
        """What it said so far."""
        return self.said.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """SIGKILL to all of its processes, as when the machine loses its power; its mission is in a session of its own."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def machine(place: Path) -> Path:
    """A checkout of this code, as another machine has one."""
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    return place


def node(words: Sequence[str], place: Path, said: Path, ready: str, environ: Mapping[str, str]) -> Node:
    """Start a node in its own process group and wait until it says that it is there."""
    with said.open("wb") as stream:
        command = [sys.executable, "-m", "agent", *words]
        made = Node(subprocess.Popen(command, cwd=place, stdout=stream, stderr=stream, env=environ, start_new_session=True), said)
    until = time.monotonic() + READY
    while ready not in made.text():
        if made.process.poll() is not None or time.monotonic() > until:
            made.kill()
            raise RuntimeError(f"{' '.join(words)}: {made.text()}")
        time.sleep(0.1)
    return made


@contextlib.contextmanager
def cluster(places: Sequence[Path], logs: Path, environ: Mapping[str, str] | None = None) -> Iterator[tuple[str, list[Node]]]:
    """The address of a scheduler, and all nodes: itself and a worker in each place; all gone in the end."""
    environment = dict(os.environ if environ is None else environ)
    address = f"tcp://127.0.0.1:{free_port()}"
    logs.mkdir(parents=True, exist_ok=True)
    started: list[Node] = []
    try:
        started.append(node(["scheduler", address], ROOT, logs / "scheduler.log", "scheduler at", environment))
        for number, place in enumerate(places):
            started.append(node(["worker", address], place, logs / f"worker-{number}.log", "worker of", environment))
        yield address, started
    finally:
        for one in reversed(started):
            one.process.terminate()
        for one in reversed(started):
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.process.wait(timeout=20)
            one.kill()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def on_worker(runs: Path, entry: str, calls: int, unlike: int = 0, seconds: float = 600.0) -> int:
    """Process of the worker that carries the mission of an entry out, once so many of its calls are committed; not the one `unlike`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pid = worker_of(read_standing(runs), entry)
        if pid not in (0, unlike) and len(list((runs / entry).glob("run-*/results/calls/*/*.json"))) >= calls:
            return pid
        time.sleep(0.1)
    raise TimeoutError(f"{entry} had no {calls} calls on a worker after {seconds:.0f} s: {read_standing(runs)}")


def worker_of(standing: Standing | None, entry: str) -> int:
    """Process of the worker that has the mission of an entry; 0 when none has."""
    rows = standing.running if standing else ()
    return next((int(row.worker.rpartition("/")[2]) for row in rows if row.entry == entry and row.worker), 0)
