"""Finds the proofs that a path, a run, a finding or the result of a check stands for."""

import ast
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.commands.runs import config_of, find_run
from agent.core.errors import NothingToResume, RunDamaged, UsageError
from agent.core.integrity import check_run
from agent.core.mending import ASIDE
from agent.core.settings import Settings
from agent.core.workspace import HINT as DAMAGED
from agent.core.workspace import RUN_NAME, Workspace, list_runs

INSTALLED = "installed"
FINDING = re.compile(r"[A-Z]+-\d+")
PROMISE = "Exit status: 1 = defect present"
"""What the docstring of every stand-alone proof says."""
HINT = "Give a finding's folder, a run, the JSON or the script folder of a check, or a repro.py."


@dataclass(frozen=True)
class Exhibit:
    """One proof that can be played again.

    Attributes:
        name: the finding's id, or the name of its script.
        title: the defect in one line.
        script: the stand-alone proof.
        target: what it was proven on: a version, a folder, or `installed` where nothing says so.
    """

    name: str
    title: str
    script: Path
    target: str


def exhibits(names: Iterable[str], settings: Settings) -> list[Exhibit]:
    """The proofs that `names` stand for, each script once.

    Raises:
        UsageError: a name stands for nothing, or for a place without proofs.
    """
    found: dict[Path, Exhibit] = {}
    for name in names:
        place = locate(name, settings)
        here = list(gathered(place))
        if not here:
            raise UsageError(f"there is no confirmed proof in {name!r}", hint=HINT)
        for exhibit in here:
            found.setdefault(exhibit.script, exhibit)
    return list(found.values())


def locate(name: str, settings: Settings) -> Path:
    """The path that `name` is, else the finding of that id in the newest run that has it, else the run of that name."""
    given = Path(name).expanduser()
    if given.exists():
        return given.resolve()
    if FINDING.fullmatch(given.name):
        for run in reversed(list_runs(settings.runs)):
            if (run.root / "findings" / given.name / "repro.py").is_file():
                return run.root / "findings" / given.name
    try:
        return find_run(name, settings.runs).root
    except NothingToResume as error:
        raise UsageError(f"{name!r} is no path, no run and no finding", hint=HINT) from error


def gathered(place: Path) -> Iterator[Exhibit]:
    """The proofs of one file or folder, in order of name."""
    if place.suffix == ".json":
        yield from of_check(place)
    elif place.is_file():
        if place.suffix != ".py":
            raise UsageError(f"{place.name} is neither a Python script nor the JSON of a check", hint=HINT)
        yield of_script(place)
    elif (place / "repro.py").is_file():
        yield of_script(place / "repro.py")
    elif (listed := check_of(place)) is not None:
        yield from of_check(listed)
    else:
        yield from map(of_script, sorted(scripts(place)))


def scripts(folder: Path) -> Iterator[Path]:
    """Proofs below a folder: `repro.py` of the finding folders; where there are none, every script that promises to be one."""
    findings = [path for path in folder.rglob("repro.py") if path.parent.name != "proofs" and not kept_aside(path, folder)]
    if findings:
        yield from findings
        return
    for file in (path for path in folder.rglob("*.py") if not kept_aside(path, folder)):
        if not file.name.startswith("test_") and PROMISE in file.read_text(encoding="utf-8", errors="replace")[:4000]:
            yield file


def kept_aside(path: Path, folder: Path) -> bool:
    """Whether a repair has put the file away."""
    return path.relative_to(folder).parts[0] == ASIDE


def check_of(folder: Path) -> Path | None:
    """The result of the check whose scripts are in `folder`, when it is still beside it."""
    file = folder.with_name(folder.name.removesuffix("-repro") + ".json")
    return file if folder.name.endswith("-repro") and file.is_file() else None


def of_script(script: Path) -> Exhibit:
    """A proof by its script: named after its finding folder when it is in one."""
    name = script.parent.name if script.name == "repro.py" else script.stem
    root = script.resolve().parents[min(2, len(script.resolve().parents) - 1)]
    if RUN_NAME.fullmatch(root.name) and (what := changed_in(root).get(script.resolve())):
        message = f"{name}: {script} {what} since its mission wrote it; it proves nothing"
        raise RunDamaged(message, hint=f"{DAMAGED.format(run=Workspace(root).name)} A copy elsewhere is played as it is.")
    return Exhibit(name, title_of(script), script, proven_on(script))


@functools.cache
def changed_in(root: Path) -> dict[Path, str]:
    """Damaged files of a run, and what is wrong with each."""
    return {root / problem.path: problem.what for problem in check_run(Workspace(root)).damage}


def title_of(script: Path) -> str:
    """The first line of the script's docstring.

    Raises:
        UsageError: it is no Python.
    """
    try:
        lines = (ast.get_docstring(ast.parse(script.read_bytes())) or "").splitlines()
    except (OSError, SyntaxError, ValueError) as error:
        raise UsageError(f"{script} cannot be read as Python: {error}", hint=HINT) from error
    return lines[0].strip() if lines else script.stem


def proven_on(script: Path) -> str:
    """What the finding folder, else its run, says that the proof was made on."""
    try:
        told = json.loads((script.parent / "proof.json").read_text(encoding="utf-8")).get("target")
    except (OSError, ValueError, AttributeError):
        told = None
    if isinstance(told, dict):
        return spec_of(told)
    config = config_of(Workspace(script.parents[2])) if len(script.parents) > 2 else {}
    return spec_of({"label": config.get("target"), "version": config.get("target_version")})


def spec_of(told: Mapping[str, Any]) -> str:
    """A target's record as it can be asked for again: the folder for a copy or checkout, else the version."""
    label, version = told.get("label"), told.get("version")
    if label and label not in (INSTALLED, version):
        return str(label)
    return str(version or label or INSTALLED)


def of_check(file: Path) -> Iterator[Exhibit]:
    """The confirmed findings of a check's JSON, the fixed ones on the target they were found on."""
    try:
        result = json.loads(file.read_text(encoding="utf-8"))
        sections = {name: list(result.get(name, ())) for name in ("findings", "regressed", "fixed")}
        targets = {"fixed": spec_of(result.get("compare") or {})}
        own = spec_of(result.get("target") or {})
        for section, rows in sections.items():
            for row in rows:
                if row["status"] == "confirmed":
                    yield Exhibit(row["fingerprint"], row["title"], script_of(file, row), targets.get(section, own))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file} is not the JSON of a check: {type(error).__name__}: {error}", hint=HINT) from error


def script_of(file: Path, row: Mapping[str, Any]) -> Path:
    """The script of a finding; looked for beside the JSON when both have been moved."""
    written = Path(row["repro"])
    folder = file.with_name(f"{file.stem}-repro")
    moved = [folder.joinpath(*written.parts[-depth:]) for depth in (3, 2, 1)]
    return next((path.resolve() for path in (written, *moved) if path.is_file()), written)
