"""The two runs that are damaged: one mission, killed in phase 5, and the same gone on to its end."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import stageflow

from bench.soak.deaths import live

ENTRY = "CORE-001"
PLACE = f"os.rename /{ENTRY}/*/results/records/evaluate.json"
"""Where the mission is killed: phases 1 to 4 are done, phase 5 is about to leave its record."""


@dataclass(frozen=True)
class Prepared:
    """Where they are.

    Attributes:
        stopped: runs folder with the stopped run.
        finished: runs folder with the finished one.
        target: the copy of stageflow that both test.
    """

    stopped: Path
    finished: Path
    target: Path


def order(runs: Path, *args: str) -> list[str]:
    """A mission's command, without the interpreter."""
    return ["agent", "--runs", str(runs), "--search", "offline", "--provider", "none", *args]


def prepare(folder: Path) -> Prepared:
    """Make both, unless the folder holds them from an earlier time."""
    made = Prepared(folder / "stopped", folder / "finished", folder / "target")
    if made.finished.is_dir():
        return made
    shutil.copytree(Path(stageflow.__file__).parent, made.target / "stageflow", ignore=shutil.ignore_patterns("__pycache__"))
    life = live(order(made.stopped, "--entry", ENTRY, "--target", str(made.target)), made.stopped, [PLACE], "SIGKILL")
    if not life.hit:
        raise SystemExit(f"the mission was not stopped: {life.code}\n{life.said[-800:]}")
    shutil.copytree(made.stopped, folder / "going-on", symlinks=True)
    life = live(order(folder / "going-on", "--resume"), folder, [], "SIGKILL")
    if life.code:
        raise SystemExit(f"the undamaged run did not go on: {life.code}\n{life.said[-800:]}")
    (folder / "going-on").rename(made.finished)
    return made


def run_of(runs: Path) -> Path:
    """The one run of a runs folder."""
    return next(runs.glob(f"{ENTRY}/run-*"))
