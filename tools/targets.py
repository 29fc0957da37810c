"""Finds the stageflow under test: the pinned release, another release, or a folder with its source."""

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

from agent.core.errors import TargetUnavailable, ToolFailed
from agent.core.settings import Settings
from agent.core.target import Target, package_fingerprint
from tools.sandbox import Job, choose
from tools.target_environments import Progress, environment, environment_name
from tools.upstream_docs import sync_docs

__all__ = ["INSTALLED", "OLDEST", "pinned_version", "resolve", "sync_docs"]

INSTALLED = "installed"
PACKAGE = "stageflow-core"
LAB = ("coverage", "hypothesis")
"""What the lab uses beside the target, at the versions of the agent's own environment."""
OLDEST = (0, 5, 0)
VERSION = re.compile(r"\d+(\.\d+)+((a|b|rc|\.post|\.dev)\d+)*")
IMPORT_SECONDS = 60.0
LONGEST = 300
"""Characters of what a package says that are told."""
IMPORT = "import stageflow, pathlib; print(pathlib.Path(stageflow.__file__).resolve().parent)"


def resolve(spec: str, settings: Settings, progress: Progress = lambda _: None) -> Target:
    """The target that `spec` names: `installed`, a version, or a path; its environment is built when needed.

    Raises:
        TargetUnavailable: it does not exist, is older than 0.5.0, cannot be installed, or cannot be imported.
    """
    if spec == INSTALLED:
        return _release(spec, pinned_version(settings), settings, progress)
    if VERSION.fullmatch(spec):
        return _release(spec, spec, settings, progress)
    return _folder(spec, settings, progress)


def pinned_version(settings: Settings) -> str:
    """The release that the project is pinned to, from its own definition or else from the agent's environment.

    Raises:
        TargetUnavailable: neither names one.
    """
    for requirement in _project(settings.project).get("dependencies", ()):
        if found := re.fullmatch(rf"{PACKAGE}\s*==\s*({VERSION.pattern})", requirement):
            return found[1]
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise TargetUnavailable(f"{PACKAGE} is not installed and not pinned", hint="Run `make setup`.") from error


def _release(label: str, version: str, settings: Settings, progress: Progress) -> Target:
    _refuse_old(version)
    python = environment(version, (f"{PACKAGE}=={version}", *_lab()), settings, progress)
    package = _site_packages(python) / "stageflow"
    _try_import(label, python, package, None, settings)
    return Target(label, version, python, package, None, package_fingerprint(package))


def _folder(label: str, settings: Settings, progress: Progress) -> Target:
    given = Path(label).expanduser().resolve()
    package = next((p for p in (given / "stageflow", given / "src" / "stageflow") if (p / "__init__.py").is_file()), None)
    if package is None:
        raise TargetUnavailable(
            f"{label!r} is neither a version nor a folder that holds stageflow/",
            hint="Give `installed`, a version like 1.2.0, or a checkout.",
        )
    pinned = pinned_version(settings)
    project = _project(given)
    project = project if str(project.get("name", "")).startswith("stageflow") else {}  # the folder may lie in a project of another kind
    version = str(project.get("version", pinned))
    _refuse_old(version)
    python = environment(pinned, (f"{PACKAGE}=={pinned}", *_lab()), settings, progress)
    wanted = tuple(project.get("dependencies", ()))
    if wanted and _spelled(wanted) != _spelled(_requirements(python)):
        python = environment(environment_name(wanted), (*wanted, *_lab()), settings, progress)
    _try_import(label, python, package, package.parent, settings)
    return Target(label, version, python, package, package.parent, package_fingerprint(package))


def _lab() -> tuple[str, ...]:
    """Requirements of the lab."""
    return tuple(f"{name}=={importlib.metadata.version(name)}" for name in LAB)


def _refuse_old(version: str) -> None:
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:3])
    if numbers < OLDEST:
        raise TargetUnavailable(f"stageflow {version} is too old", hint="The oldest that can be tested is 0.5.0.")


def _project(folder: Path) -> dict[str, Any]:
    """The `[project]` table of a folder's pyproject.toml; empty when there is none."""
    file = folder / "pyproject.toml"
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {}) if file.is_file() else {}
    except (OSError, ValueError) as error:
        raise TargetUnavailable(f"cannot read {file}: {error}") from error
    return table if isinstance(table, dict) else {}


def _site_packages(python: Path) -> Path:
    found = next(iter(python.parent.parent.glob("lib/python3*/site-packages")), None)
    if found is None:
        raise TargetUnavailable(f"{python.parent.parent} is not a Python environment", hint="Delete it; it is built again.")
    return found


def _requirements(python: Path) -> tuple[str, ...]:
    """What the installed release requires, without extras."""
    for distribution in importlib.metadata.distributions(name=PACKAGE, path=[str(_site_packages(python))]):
        return tuple(text for text in distribution.requires or () if "extra ==" not in text)
    return ()


def _spelled(requirements: tuple[str, ...]) -> set[str]:
    """Requirements in a form that can be compared: lower case, no blanks, version bounds in order."""
    plain = (re.sub(r"\s|[()]", "", text).lower().replace("_", "-") for text in requirements)
    return {",".join(sorted(re.split(r",", re.sub(r"(?<=[a-z0-9\]])(?=[<>=!~])", ",", text, count=1)))) for text in plain}


def _try_import(label: str, python: Path, package: Path, search_path: Path | None, settings: Settings) -> None:
    """Import the package in the sandbox.

    Raises:
        TargetUnavailable: that fails, or brings up another package.
    """
    env = {"PYTHONDONTWRITEBYTECODE": "1"} | ({"PYTHONPATH": str(search_path)} if search_path else {})
    listable = (search_path,) if search_path else ()
    job = Job([str(python), "-P", "-c", IMPORT], package, readable=(package,), listable=listable, env=env, seconds=IMPORT_SECONDS)
    try:
        outcome = choose(settings.sandbox).run(job)
    except ToolFailed as failure:
        raise TargetUnavailable(f"stageflow {label} could not be tried: {failure}") from failure
    if outcome.exit_code != 0:
        lines = outcome.stderr.decode(errors="replace").strip().splitlines()
        last = f"no end after {IMPORT_SECONDS:.0f} s" if outcome.timed_out else (lines or [f"exit code {outcome.exit_code}"])[-1]
        raise TargetUnavailable(
            f"stageflow {label} cannot be imported: {last[:LONGEST]}", hint="Try `import stageflow` in that environment."
        )
    told = outcome.stdout.decode(errors="replace").strip().splitlines()[-1:] or [""]  # after whatever the package prints itself
    if told[0] != str(package.resolve()):
        raise TargetUnavailable(f"stageflow {label} is hidden by {told[0][:LONGEST]}")
