"""What is changed beside a stopped run before it goes on: a prompt, the entry, the target."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.damage.judged import Outcome, Said, said
from bench.damage.prepared import ENTRY, Prepared, order, run_of
from bench.rows import ROOT
from bench.soak.deaths import live
from bench.soak.ends import differences, doubled

FOLDERS = ("agent", "tools", "components", "prompts", "docs")
FILES = ("add_finding.py", "FINAL_REPORT_TEMPLATE.md", "pyproject.toml")
LINKED = ("stageflow-docs", ".cache", ".targets")
BUILT = f"os.rename /{ENTRY}/*/results/records/build.json"
RISK = "A stage changes what its neighbours see."


@dataclass(frozen=True)
class Change:
    """One of them.

    Attributes:
        name: for people.
        do: changes a copy of the project.
        mark: what the product has to name.
    """

    name: str
    do: Callable[[Path], None]
    mark: str


def other_prompt(project: Path) -> None:
    """Another order for phase 4."""
    with (project / "prompts/execute.md").open("a", encoding="utf-8") as stream:
        stream.write("\nBe careful.\n")


def other_risk(project: Path) -> None:
    """Another risk in the entry."""
    path = project / "docs/roadmap/tier-1.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(RISK) == 1
    path.write_text(text.replace(RISK, "A stage changes what others see."), encoding="utf-8")


CHANGES = (Change("prompt changed", other_prompt, "prompts"), Change("entry changed", other_risk, "entry"))


def project_copy(project: Path) -> None:
    """What a mission reads of the project, without results and caches."""
    project.mkdir(parents=True)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, project / name)
    for name in LINKED:
        if (ROOT / name).exists():
            (project / name).symlink_to(ROOT / name)


def calls_of(run: Path) -> set[str]:
    """Committed calls."""
    return {path.relative_to(run / "results/calls").as_posix() for path in run.glob("results/calls/*/*.json")}


def changed(change: Change, prepared: Prepared, folder: Path) -> Outcome:
    """Go on with a copy of the stopped run in a changed copy of the project: named, and no test is executed again for it."""
    outcome = Outcome(change.name)
    project, runs = folder / "project", folder / "runs"
    project_copy(project)
    shutil.copytree(prepared.stopped, runs, symlinks=True)
    change.do(project)
    run = run_of(runs)
    before, done = calls_of(run), said(order(runs, "--resume"), cwd=project)
    told(outcome, done, change.mark)
    if not done.code:
        fresh = [call for call in calls_of(run) - before if call.startswith("execute/")]
        found = differences(run_of(prepared.finished), run)
        outcome.wrong += [f"executed again: {fresh[:3]}"] if fresh else []
        outcome.wrong += [f"{key}: {str(found[key])[:300]}" for key in ("lost", "added", "verdicts") if found[key]]
        outcome.wrong += [f"doubled: {doubled(run)}"] if doubled(run) else []
        outcome.end += ", the same findings" if not outcome.wrong else ", another end"
    shutil.rmtree(folder)
    return outcome


def told(outcome: Outcome, done: Said, mark: str) -> None:
    """Whether the change was named."""
    lines = [line.strip().removeprefix("note: ") for line in done.text.splitlines() if "changed since" in line]
    outcome.told, outcome.end = (lines or [""])[0], f"exit {done.code}"
    outcome.wrong += ["a traceback"] if done.crashed else []
    outcome.wrong += [] if any(mark in line.partition(" changed since")[0] for line in lines) else ["accepted in silence"]
    outcome.wrong += [f"ended with {done.code}: {done.text[-300:]}"] if done.code else []


def target_changed(prepared: Prepared, folder: Path) -> Outcome:
    """Another target under the same name: what stood on the old one is made again; stopped at the end of phase 3, as tests take minutes."""
    outcome = Outcome("target changed")
    runs, package = folder / "runs", prepared.target / "stageflow" / "__init__.py"
    shutil.copytree(prepared.stopped, runs, symlinks=True)
    text, run = package.read_text(encoding="utf-8"), run_of(runs)
    before = calls_of(run)
    try:
        package.write_text(f"{text}\n# changed\n", encoding="utf-8")
        life = live(order(runs, "--resume"), runs, [BUILT], "SIGINT")
    finally:
        package.write_text(text, encoding="utf-8")
    told(outcome, Said(0, life.said), "target")
    fresh = calls_of(run) - before
    outcome.end, outcome.again = "stopped in phase 3", len(fresh)
    redone = life.hit and any(call.startswith("build/smoke") for call in fresh)
    outcome.wrong += [] if redone else [f"nothing was made again: {life.said[-300:]}"]
    shutil.rmtree(folder)
    return outcome
