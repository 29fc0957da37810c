"""Where the checkpoints of a run are kept: in a file of the run folder, or in a database that several machines reach."""

import contextlib
import hashlib
import importlib
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from agent.core import checkpoint_file
from agent.core.errors import UsageError
from agent.core.settings import Settings
from agent.core.workspace import Workspace

if TYPE_CHECKING:  # it takes longer to import than most commands take; only a walk needs it
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.checkpoint.serde.base import SerializerProtocol

FILE = "sqlite"
"""Stands for the file in the run folder."""
WRITING = ("synchronous = normal", "wal_autocheckpoint = 256")
"""How SQLite writes: a cut of the power may take the last steps, which are walked again over the markers of their calls; 1 MiB aside."""
SCHEMES = ("postgresql", "postgres")
PASSWORD_HINT = "Leave it out: the password comes from PGPASSWORD, the file that PGPASSWORD_FILE names, PGPASSFILE or a service."


class CheckpointStore(Protocol):
    """The checkpoints of one run."""

    kind: str
    """As `--checkpoints` names it."""
    identity: str
    """Tells the walks of this run from those of all others in the same place; kept in the run's configuration."""

    @property
    def place(self) -> str:
        """Where they are, for people."""
        ...

    def damage(self) -> str:
        """What is wrong with them, in words; `is missing` when there are none; empty when they are sound."""
        ...

    def forget(self) -> None:
        """Drop them all: the next walk begins at the start and adopts every sound call."""
        ...

    def opened(self, serde: "SerializerProtocol") -> "contextlib.AbstractContextManager[BaseCheckpointSaver[str]]":
        """For a walk."""
        ...

    def thread(self, marks: str) -> str:
        """Name of the walk with these hashes."""
        ...


class FileCheckpoints:
    """SQLite in the run folder; for one machine."""

    kind = FILE
    place = checkpoint_file.NAME

    def __init__(self, run: Path, identity: str = "") -> None:
        self._run, self.identity = run, identity

    def damage(self) -> str:
        """See `agent.core.checkpoint_file`."""
        return checkpoint_file.damage(self._run)

    def forget(self) -> None:
        """Remove the file and what SQLite keeps beside it."""
        for name in checkpoint_file.PARTS:
            if (self._run / name).is_file():
                (self._run / name).unlink()

    @contextlib.contextmanager
    def opened(self, serde: "SerializerProtocol") -> "Iterator[BaseCheckpointSaver[str]]":
        """Open the file, made when it is not there."""
        from agent.core.checkpoints import RecentCheckpoints

        path = self._run / checkpoint_file.NAME
        with contextlib.closing(sqlite3.connect(path, check_same_thread=False)) as connection:
            saver = RecentCheckpoints(connection, serde=serde)
            saver.setup()
            for setting in WRITING:
                connection.execute(f"pragma {setting}")
            yield saver

    def thread(self, marks: str) -> str:
        """The hashes alone: nobody else is in this file."""
        return marks


def store_of(workspace: Workspace, config: Mapping[str, Any], settings: Settings) -> CheckpointStore:
    """The store that was asked for now, else the one that the run was started with, else its own file.

    Raises:
        UsageError: what was asked for is no place for checkpoints.
    """
    kind = checked(settings.checkpoints or str(config.get("checkpoints") or FILE))
    identity = str(config.get("checkpoints_id") or uuid.uuid4().hex)
    if kind == FILE:
        return FileCheckpoints(workspace.root, identity)
    from agent.core.checkpoint_database import DatabaseCheckpoints

    space = hashlib.sha256(f"{identity} {workspace.root.resolve()}".encode()).hexdigest()[:20]  # a copy of the folder walks by itself
    return DatabaseCheckpoints(kind, settings.checkpoints_password, identity, space)


def can_be_had(settings: Settings) -> None:
    """See before anything is made that what was asked for is a place for checkpoints, and that this installation can use it.

    Raises:
        UsageError: it is no place.
        EnvironmentUnfit: the extra is not installed.
    """
    if settings.checkpoints and checked(settings.checkpoints) != FILE:
        importlib.import_module("agent.core.checkpoint_database")


def checked(kind: str) -> str:
    """A place for checkpoints as it was named, with nothing secret in it.

    Raises:
        UsageError: it is none, or holds a password, which everybody could read who lists processes or opens the run.
    """
    if kind == FILE:
        return kind
    try:
        parts = urlsplit(kind)
        secret = parts.password is not None or any("password" in name.lower() for name, _ in parse_qsl(parts.query))
    except ValueError:
        raise UsageError("--checkpoints: not a URL", hint="Give postgresql://USER@HOST:PORT/DATABASE, or sqlite.") from None
    if secret:
        raise UsageError("--checkpoints holds a password", hint=PASSWORD_HINT)
    if parts.scheme not in SCHEMES:
        raise UsageError("--checkpoints: neither sqlite nor postgresql://...", hint="Give postgresql://USER@HOST:PORT/DATABASE, or sqlite.")
    return kind
