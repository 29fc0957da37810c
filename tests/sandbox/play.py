"""Plays the battery against one kind of sandbox, as whoever calls it.

    python -m tests.sandbox.play --mode bubblewrap|landlock|rlimits [--only NAME,...]

Prints JSON: the mode, the user, the seconds, and for each attack what happened outside; an empty list is good.
Needs the standard library, `tools.sandbox` and `agent.core.errors` only, so that any user can run a copy of it.
"""

import argparse
import contextlib
import json
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from agent.core.errors import ToolFailed
from tests.sandbox import judge
from tests.sandbox.hostile import TABLE, Attack
from tests.sandbox.hostile.attack import BEGUN
from tests.sandbox.world import HERE, Plot, World
from tools.sandbox import Job, Outcome, Sandbox, choose
from tools.sandbox.text import plain

TOKEN = "BATTERY_TOKEN"
SIDE_BY_SIDE = 6
"""Attacks with a job of their own mostly wait."""


class Sampler:
    """Measures, from outside and while it runs, what a job uses; its processes bear a mark in their command line."""

    def __init__(self, mark: str, results: Path) -> None:
        self.mark, self.results = mark.encode(), results
        self.most: dict[str, float] = {"processes": 0, "rss_mb": 0, "disk_mb": 0, "files": 0}
        self.over = threading.Event()

    def watch(self) -> None:
        """Sample until it is over."""
        while not self.over.wait(0.04):
            self.take()

    def take(self) -> None:
        """Keep the largest of each."""
        for name, value in self.sample().items():
            self.most[name] = max(self.most[name], value)

    def sample(self) -> dict[str, float]:
        """One look."""
        threads = memory = 0
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError, KeyError, ValueError):
                if folder.name.isdigit() and self.mark in (folder / "cmdline").read_bytes():
                    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
                    threads += int(status["Threads"])
                    memory += sum(int(status[part].split()[0]) for part in ("RssAnon", "RssShmem"))
        blocks = files = 0
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.results):
                files += 1
                blocks += entry.stat(follow_symlinks=False).st_blocks
        with contextlib.suppress(OSError, ValueError):
            blocks += int((self.results / "held").read_text()) << 11
        return {"processes": threads, "rss_mb": memory / 1024, "disk_mb": blocks / 2048, "files": files}


@contextlib.contextmanager
def sampled(mark: str, results: Path) -> Iterator[dict[str, float]]:
    """Measure while the body runs."""
    sampler = Sampler(mark, results)
    thread = threading.Thread(target=sampler.watch)
    thread.start()
    try:
        yield sampler.most
    finally:
        sampler.over.set()
        thread.join()
        sampler.take()


class Battery:
    """One play of attacks against one sandbox."""

    def __init__(self, sandbox: Sandbox, names: list[str], token: str) -> None:
        self.sandbox = sandbox
        self.attacks = {name: TABLE[name] for name in names}
        self.world = World(names, token)
        self.found: dict[str, list[str]] = {name: [] for name in names}

    def play(self) -> dict[str, list[str]]:
        """All of them; what happened outside, by attack."""
        try:
            together = [name for name, attack in self.attacks.items() if not attack.limits]
            if together:
                self._together(together)
            signals = [attack for attack in self.attacks.values() if attack.limits and attack.against == "signals" and not attack.most]
            waiting = [attack for attack in self.attacks.values() if attack.limits and attack not in signals]
            with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
                list(pool.map(self._alone, waiting))
                list(pool.map(self._again, [attack for attack in self.attacks.values() if attack.again]))
            self._heard([attack.name for attack in waiting])
            for attack in signals:  # one after the other, so that each is known by what arrives
                self._alone(attack)
                self._heard([attack.name])
            before = {name: judge.beats(plot) for name, plot in self.world.plots.items()}
            time.sleep(0.25)
            for name, plot in self.world.plots.items():
                if judge.beats(plot) > before[name]:
                    self.found[name].append("a process lives on")
                self._as_the_agent(name)
                self.found[name] += [*judge.changed(plot, self.world), *judge.carried(plot, self.world)]
        finally:
            self.world.close()
        return {name: list(dict.fromkeys(found)) for name, found in self.found.items()}

    def job(self, names: list[str], scratch: Path, mark: str, **limits: Any) -> Job:
        """The job that plays these, granted what a run of code in a run folder is granted."""
        plots = [self.world.plots[name] for name in names]
        return Job(
            [sys.executable, "-m", "hostile", mark],
            plots[0].run if len(plots) == 1 else self.world.base / "mine",
            readable=(HERE / "hostile", *(path for plot in plots for path in (plot.run, plot.packages))),
            writable=(*(plot.results for plot in plots), scratch),
            listable=(HERE,),
            env=environment(scratch, HERE),
            stdin=json.dumps({name: self.world.at(name, scratch) for name in names}).encode(),
            **limits,
        )

    def _together(self, names: list[str]) -> None:
        with scratch_folder() as scratch:
            outcome = self.sandbox.run(self.job(names, scratch, "together", seconds=200.0))
        self._missed(names, outcome.stdout.splitlines())
        for name in names:
            self.found[name] += judge.left(self.world.plots[name])
        self._heard(names)

    def _heard(self, names: list[str]) -> None:
        """Signals that arrived since the last look; they came from one of these attacks."""
        if self.world.signals.take() and names:
            self.found[names[0]].append("a signal reached the agent")
        if self.world.neighbour.signalled() and names:
            self.found[names[0]].append("a signal reached another process")

    def _alone(self, attack: Attack) -> None:
        plot = self.world.plots[attack.name]
        for longer in (1, 2, 4):  # on a busy machine the time may be over before the program has begun
            heard, measured, found = self._once(attack, plot, longer)
            if any(line.startswith(BEGUN.encode()) for line in heard):
                break
        self._missed([attack.name], heard)
        self.found[attack.name] += [*found, *judge.too_much(measured, dict(attack.most)), *judge.left(plot)]
        for path in plot.results.glob("fill-*"):
            path.unlink()

    def _once(self, attack: Attack, plot: Plot, longer: int) -> tuple[list[bytes], dict[str, float], list[str]]:
        """One job; its lines, what it used, what the agent would have suffered."""
        mark, heard, found = f"{self.world.unique}={attack.name}=", list[bytes](), list[str]()
        limits = {**attack.limits, "seconds": attack.limits["seconds"] * longer}
        measured: dict[str, float] = {}
        began = time.monotonic()
        try:
            with scratch_folder() as scratch, sampled(mark, plot.results) as measured:
                try:
                    outcome = self.sandbox.run(self.job([attack.name], scratch, mark, **limits), heard.append)
                    found += told(outcome)
                    measured["kept_kib"] = max(len(outcome.stdout), len(outcome.stderr)) / 1024
                except ToolFailed as failure:
                    found += [f"the error message holds {judge.spoken(str(failure))}"] if judge.spoken(str(failure)) else []
                measured["overtime"] = time.monotonic() - began - limits["seconds"]
        except Exception as error:
            found.append(f"the agent dies of {type(error).__name__}")
        return heard, measured, found

    def _missed(self, names: list[str], lines: list[bytes]) -> None:
        """An attack that was not played is not stopped."""
        for name in names:
            if f"{BEGUN}{name}".encode() not in lines:
                self.found[name].append("it could not be played")

    def _again(self, attack: Attack) -> None:
        """The next run of code in the same run folder."""
        plot = self.world.plots[attack.name]
        with scratch_folder() as scratch:
            outcome = self.sandbox.run(
                Job(
                    [sys.executable, str(plot.run / "pipelines/own.py")],
                    plot.run,
                    readable=(plot.run, plot.packages),
                    writable=(plot.results, scratch),
                    env=environment(scratch, plot.packages),
                    seconds=10,
                )
            )
        if judge.forged(outcome.stdout):
            self.found[attack.name].append("code that was left ran in the next run")
        elif outcome.stdout != b"own code ran\n":
            self.found[attack.name].append(f"the next run is broken: {outcome.stderr.decode(errors='replace')[-80:]!r}")

    def _as_the_agent(self, name: str) -> None:
        """What the agent does once a program has ended: it appends to the program's log."""
        with contextlib.suppress(OSError), (self.world.plots[name].results / "logs/own.log").open("a") as log:
            log.write("# ended\n")


def told(outcome: Outcome) -> Iterator[str]:
    """What the agent would show or believe, and must not."""
    shown = plain(outcome.stdout) + plain(outcome.stderr)
    if judge.spoken(shown):
        yield f"the output shown holds {judge.spoken(shown)}"
    if outcome.exit_code == 77:
        yield "a forged account was believed"


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """As `tools.run_code.run_python` makes it."""
    with tempfile.TemporaryDirectory(prefix="scratch-", ignore_cleanup_errors=True) as made:
        yield Path(made).resolve()
    if Path(made).exists():
        raise OSError(f"{made} cannot be deleted")


def environment(scratch: Path, search: Path) -> dict[str, str]:
    """As `tools.run_code.environment` makes it."""
    fixed = {"PATH": "/usr/bin:/bin", "HOME": str(scratch), "TMPDIR": str(scratch), "LANG": "C.UTF-8"}
    return fixed | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(search)}


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox.play")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    token = os.environ.get(TOKEN) or secrets.token_hex(16)
    unique = f"battery-{os.getpid()}"
    os.environ.update({name: f"/nowhere/{unique}" for name in ("PYTHONPATH", "PYTHONSTARTUP", "LD_LIBRARY_PATH")})
    sandbox = choose(args.mode)
    began = time.monotonic()
    found = Battery(sandbox, args.only.split(",") if args.only else list(TABLE), token).play()
    rows = [{"name": name, "against": TABLE[name].against, "through": through} for name, through in found.items()]
    report = {"mode": sandbox.name, "uid": os.geteuid(), "seconds": round(time.monotonic() - began, 1), "rows": rows}
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
