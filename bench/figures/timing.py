"""Cold processes, taken by turns."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figures.figure import Samples
from bench.rows import ROOT


def seconds_of(command: Sequence[str], cwd: Path = ROOT) -> float:
    """How long a process takes that must end well."""
    began = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def by_turns(commands: Mapping[str, Sequence[str]], rounds: int) -> Samples:
    """Milliseconds of each command in each round; a first round, which fills the caches of the system, does not count."""
    taken: Samples = {who: [] for who in commands}
    for number in range(rounds + 1):
        for who, command in commands.items():
            took = seconds_of(command) * 1e3
            if number:
                taken[who].append(took)
    return taken
