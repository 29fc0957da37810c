"""Builds Python environments for the stageflows under test: one per set of requirements, kept inside the project."""

import contextlib
import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agent.core.errors import TargetUnavailable
from agent.core.files import sync_folder, write_json
from agent.core.settings import Settings, without_keys
from tools.sandbox.places import BASE_PYTHON

Progress = Callable[[str], None]

MARKER = "ready.json"
"""Written into an environment last; without it the environment is not used."""
ONLINE_SECONDS = 180.0
OFFLINE_SECONDS = 60.0


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; a second process waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def environment(name: str, requirements: tuple[str, ...], settings: Settings, progress: Progress) -> Path:
    """The interpreter of `.targets/<name>/`, where `requirements` are installed; built when it is not there yet.

    Raises:
        TargetUnavailable: it cannot be built.
    """
    home = settings.targets / name
    label: dict[str, Any] = {"python": str(BASE_PYTHON), "requirements": list(requirements)}
    if not _ready(home, label):
        try:
            with locked(settings.targets / f".{name}.lock"):
                if not _ready(home, label):
                    _build(home, label, settings, progress)
        except OSError as error:
            raise TargetUnavailable(f"cannot make an environment in {home}: {error}", hint="Free space or fix the permissions.") from error
    return home / "bin" / "python"


def environment_name(requirements: tuple[str, ...]) -> str:
    """Name of the environment for a checkout with requirements of its own."""
    return "requirements-" + hashlib.sha256("\n".join(sorted(requirements)).encode()).hexdigest()[:12]


def uv(arguments: list[str], settings: Settings, *, seconds: float, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run the `uv` of the agent's own environment, with the package cache of the project.

    Raises:
        TargetUnavailable: there is no `uv`, or it takes longer than `seconds`.
    """
    program = Path(sys.executable).with_name("uv")
    if not program.exists():
        raise TargetUnavailable("`uv` is missing from the agent's environment", hint="Run `make setup`, or `pip install uv`.")
    command = [
        str(program),
        *arguments,
        "--cache-dir",
        str(settings.cache / "uv"),
        "--color",
        "never",
        "--no-progress",
        "--no-python-downloads",
    ]
    try:
        return subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=seconds, cwd=settings.project, env=without_keys()
        )
    except subprocess.TimeoutExpired as late:
        raise TargetUnavailable(f"`uv {' '.join(arguments[:2])}` took more than {seconds:.0f} s", hint="Check the network.") from late


def _ready(home: Path, label: dict[str, Any]) -> bool:
    """Whether `home` is finished, was built for this, and its interpreter still exists."""
    try:
        return json.loads((home / MARKER).read_text()) == label and (home / "bin" / "python").exists()
    except (OSError, ValueError):
        return False


def _build(home: Path, label: dict[str, Any], settings: Settings, progress: Progress) -> None:
    """Build beside `home`, then rename; leftovers of builders that were killed go first."""
    for leftover in settings.targets.glob(f".{home.name}.build-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f".{home.name}.build-", dir=settings.targets))
    try:
        building.chmod(0o755)
        progress(f"making the environment {home.name}")
        _fill(building / "new", label["requirements"], settings, progress)
        write_json(building / "new" / MARKER, label)
        if home.exists():
            home.replace(building / "old")
        (building / "new").replace(home)
        sync_folder(settings.targets)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _fill(folder: Path, requirements: list[str], settings: Settings, progress: Progress) -> None:
    """Make a relocatable environment and install: from the cache when it has everything, else from the index."""
    made = uv(["venv", str(folder), "--relocatable", "--no-project", "--python", str(BASE_PYTHON)], settings, seconds=OFFLINE_SECONDS)
    if made.returncode:
        raise TargetUnavailable(f"cannot make an environment: {reason(made.stderr)}")
    install = [
        "pip",
        "install",
        "--python",
        str(folder / "bin" / "python"),
        "--link-mode",
        "copy",
        "--only-binary",
        ":all:",
        "--compile-bytecode",
    ]
    if uv([*install, "--offline", *requirements], settings, seconds=OFFLINE_SECONDS).returncode == 0:
        return
    progress(f"downloading {', '.join(requirements)}")
    answer = uv([*install, *requirements], settings, seconds=ONLINE_SECONDS)
    if answer.returncode and "certificate" in answer.stderr:  # pip trusts what the machine trusts, uv brings its own list
        answer = uv([*install, "--system-certs", *requirements], settings, seconds=ONLINE_SECONDS)
    if answer.returncode:
        raise TargetUnavailable(
            f"cannot install {', '.join(requirements)}: {reason(answer.stderr)}",
            hint="Check the version; a release that is not in the cache needs the package index once.",
        )


def reason(output: str) -> str:
    """The last statement of an error message of uv, in one line."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and not line.startswith(("hint:", "Using Python"))]
    causes = [line.removeprefix("cause:").strip() for line in lines if line.startswith(("cause:", "Caused by:"))]
    return (causes or lines or ["no message"])[-1]
