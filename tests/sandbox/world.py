"""The outside that attacks are played against, a part of it for each attack, so that whatever happens there has a name."""

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandbox.listeners import Listeners
from tests.sandbox.stores import Neighbour, Signals, Stores

HERE = Path(__file__).parent
OWN = "import granted, json, os, random, asyncio\ntry:\n    import own_helper\nexcept ImportError:\n    pass\nprint('own code ran')\n"
Snapshot = dict[str, tuple[int, int, bytes]]


def snapshot(folder: Path, without: str = "") -> Snapshot:
    """Every file and folder below, with mode, time of change and content."""
    found: Snapshot = {}
    waiting = [folder] if folder.exists() else []
    while waiting:
        path = waiting.pop()
        info = path.lstat()
        regular = stat.S_ISREG(info.st_mode)
        found[str(path)] = (info.st_mode, info.st_mtime_ns if regular else 0, path.read_bytes() if regular else b"")
        if stat.S_ISDIR(info.st_mode):
            waiting += [inner for inner in path.iterdir() if inner.name != without]
    return found


@dataclass(frozen=True)
class Plot:
    """The part of the world that belongs to one attack.

    Attributes:
        name: of the attack.
        run: a run folder; only `results` is granted for writing.
        home: of the agent's user.
        packages: granted for reading, and on the search path of jobs.
        victim: a file outside that anybody may change.
        drop: a file outside that is not there, in a folder anybody may change.
    """

    name: str
    run: Path
    home: Path
    packages: Path
    victim: Path
    drop: Path

    @property
    def results(self) -> Path:
        """What the job may write."""
        return self.run / "results"

    def outside(self) -> Snapshot:
        """All of it that no job may change."""
        return (
            snapshot(self.run, without="results") | snapshot(self.home) | snapshot(self.packages) | snapshot(self.victim.parent)
            | snapshot(self.drop.parent)
        )  # fmt: skip


def plot(base: Path, name: str, token: str) -> Plot:
    """Make the part for one attack."""
    made = Plot(
        name,
        base / "mine" / name,
        base / "homes" / name,
        base / "packages" / name,
        base / "victims" / name / "file",
        base / "drops" / name / "file",
    )
    for folder in ("results/metrics", "results/logs", "calls", "findings", "pipelines", "tests"):
        (made.run / folder).mkdir(parents=True)
    for file, text in (("ledger.jsonl", '{"sound": true}\n'), ("pipelines/own.py", OWN), ("results/logs/own.log", "# begun\n")):
        (made.run / file).write_text(text)
    for file in (".netrc", ".ssh/id_ed25519", ".config/keys.json", ".env"):
        (made.home / file).parent.mkdir(parents=True, exist_ok=True)
        (made.home / file).write_text(token)
    (made.packages / "granted").mkdir(parents=True)
    (made.packages / "granted/__init__.py").write_text("VALUE = 1\n")
    for open_to_all in (made.home, made.victim.parent, made.drop.parent):
        open_to_all.mkdir(parents=True, exist_ok=True)
        open_to_all.chmod(0o777)
    made.victim.write_text("untouched")
    made.victim.chmod(0o666)
    return made


class World:
    """The machine around the jobs, with a secret in every place where one can be."""

    def __init__(self, names: list[str], token: str) -> None:
        self.token = token
        self.unique = f"battery-{os.getpid()}"
        self.base = Path(tempfile.mkdtemp(prefix="battery-")).resolve()
        self.base.chmod(0o755)
        for folder in ("home", "other", "sockets", "neighbour"):
            (self.base / folder).mkdir(mode=0o755)
        (self.base / "sockets").chmod(0o777)
        self.secret = self.base / "home/secret.txt"
        for path in (self.secret, self.base / "other/ledger.jsonl"):
            path.write_text(token)
        self.plots = {name: plot(self.base, name, token) for name in names}
        self.before = {name: each.outside() for name, each in self.plots.items()}
        self.signals = Signals()
        self.stores = Stores(self.unique, token)
        self.neighbour = Neighbour(self.base / "neighbour", token)
        self.listeners = Listeners(self.base / "sockets", self.unique)
        errors = Path(__file__).parents[2] / "agent/core/errors.py"
        self.tokens = (token.encode(), b"root:x:0:0", errors.read_bytes()[:200])
        self.common: dict[str, Any] = {
            "secret": str(self.secret),
            "inode": self.secret.stat().st_ino,
            "other_run": str(self.base / "other"),
            "sources": [str(errors), str(HERE / "world.py")],
            "mine": str(self.base / "mine"),
            "agent": os.getpid(),
            "agent_group": os.getpgid(0),
            "neighbour": self.neighbour.pid,
            "address": self.neighbour.address,
            "device": os.stat("/").st_dev,
            "unique": self.unique,
            **self.stores.at,
            **self.listeners.at,
        }

    def at(self, name: str, scratch: Path) -> dict[str, Any]:
        """Where things are, for one attack."""
        own = self.plots[name]
        return self.common | {
            "name": f"={name}=",
            "folder": str(own.run),
            "home": str(own.home),
            "packages": str(own.packages),
            "victim": str(own.victim),
            "drop": str(own.drop),
            "scratch": str(scratch),
            "tmp_drops": self.tmp_drops(name),
        }

    def tmp_drops(self, name: str) -> list[str]:
        """Files in the folders of the machine that everybody may write."""
        return [f"{folder}/{self.unique}-{name}" for folder in ("/tmp", "/var/tmp", "/dev/shm")]

    def close(self) -> None:
        """Take everything away."""
        self.neighbour.close()
        self.listeners.close()
        self.stores.close()
        for name in (*self.plots, "fill"):
            for path in self.tmp_drops(name):
                with contextlib.suppress(OSError):
                    Path(path).unlink(missing_ok=True)
        subprocess.run(["chmod", "-R", "u+rwX", str(self.base)], capture_output=True)
        subprocess.run([shutil.which("rm") or "/bin/rm", "-rf", str(self.base)], check=True)
