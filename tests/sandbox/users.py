"""Plays the battery in a process of its own, as this user or as an ordinary one; who that can be on this machine."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from tests.sandbox.play import TOKEN

User = Literal["root", "ordinary user"]
ROOT = Path(__file__).parents[2]
NOBODY, NOGROUP = 65534, 65534
TO_COPY = (
    "agent/__init__.py",
    "agent/core/__init__.py",
    "agent/core/errors.py",
    "agent/core/harmless.py",
    "agent/core/shortage.py",
    "tools/__init__.py",
    "tests/__init__.py",
)
TREES = ("tools/sandbox", "tests/sandbox")
SECONDS = 560


def users() -> tuple[User, ...]:
    """As whom the battery can be played by who calls this: root can also be somebody else."""
    if os.geteuid():
        return ("ordinary user",)
    return ("root", "ordinary user") if ordinary_python() else ("root",)


def ordinary_python() -> str:
    """A Python that an ordinary user may run and that is new enough; empty when there is none."""
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        probe = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        with contextlib.suppress(OSError):
            if subprocess.run(probe, user=NOBODY, group=NOGROUP, extra_groups=(), cwd="/", capture_output=True).returncode == 0:
                return python
    return ""


@contextlib.contextmanager
def copy() -> Iterator[Path]:
    """The sandbox and the battery in a folder that every user may read."""
    with tempfile.TemporaryDirectory(prefix="copy-") as made:
        folder = Path(made).resolve()
        folder.chmod(0o755)
        for name in TO_COPY:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        for name in TREES:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)
        yield folder


def played(mode: str, user: User, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """The report of one play; see `tests.sandbox.play`.

    Raises:
        RuntimeError: it could not be played.
    """
    order = ["-B", "-m", "tests.sandbox.play", "--mode", mode, *(["--only", ",".join(only)] if only else [])]
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), TOKEN: secrets.token_hex(16)}
    if user == "ordinary user" and os.geteuid() == 0:
        with copy() as folder:
            who: dict[str, Any] = {"user": NOBODY, "group": NOGROUP, "extra_groups": ()}
            return _report([ordinary_python(), *order], folder, env, **who)
    return _report([sys.executable, *order], ROOT, env)


def _report(command: list[str], cwd: Path, env: dict[str, str], **who: Any) -> dict[str, Any]:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=SECONDS, start_new_session=True, **who)
    if done.returncode:
        raise RuntimeError(f"the battery could not be played: {done.stderr[-600:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report
