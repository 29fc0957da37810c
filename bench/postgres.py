"""A PostgreSQL server of one's own, from Debian's packages, in a temporary folder, as an ordinary user."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PLACES = Path("/usr/lib/postgresql")
USERS = ("postgres", "nobody")
"""Of whom root takes the first that there is: the server does not run as root."""
SMALL = "-c listen_addresses=127.0.0.1 -c shared_buffers=16MB -c max_connections=40"


@dataclass
class Server:
    """A server.

    Attributes:
        folder: its data and its socket.
        port: on loopback.
        password: of the user `agent`.
    """

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """Of the database, without the password."""
        return f"postgresql://agent@127.0.0.1:{self.port}/checkpoints"

    @property
    def environment(self) -> dict[str, str]:
        """For clients."""
        return {**os.environ, "PGPASSWORD": self.password}

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -k {self.folder} {SMALL}"
        self._control("-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._control("-m", "immediate", "-w", "stop")

    def sql(self, text: str, database: str = "checkpoints") -> str:
        """What a statement answers."""
        command = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "agent", "-d", database, "-At", "-c", text]
        return subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True, timeout=30).stdout.strip()

    def _control(self, *words: str) -> None:
        as_user([program("pg_ctl"), "-D", str(self.folder / "data"), *words])


def absent() -> str:
    """Why there can be no server here; empty when there can."""
    if not program("initdb"):
        return "no PostgreSQL server is installed (Debian: postgresql)"
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return "PostgreSQL refuses root, and there is no setpriv"
    return ""


def program(name: str) -> str:
    """A program of the newest server installed; empty when there is none."""
    found = sorted(PLACES.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0)
    return str(found[-1]) if found else ""


def owner() -> str:
    """As whom the server runs when root starts it."""
    known = {user.pw_name for user in pwd.getpwall()}
    return next(name for name in USERS if name in known)


def as_user(command: Sequence[str]) -> None:
    """Run a program, as root in the name of an ordinary user."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(owner())
        command = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, timeout=60, cwd="/")


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """A server with an empty database, gone in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    made = Server(folder, port, secrets.token_hex(12))
    try:
        (folder / "password").write_text(made.password, encoding="ascii")
        if os.geteuid() == 0:
            for place in (folder, folder / "password"):
                shutil.chown(place, owner())
        words = ["--username=agent", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync"]
        as_user([program("initdb"), "-D", str(folder / "data"), *words])
        made.start()
        made.sql("create database checkpoints", "postgres")
        yield made
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):  # it may be stopped
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)
