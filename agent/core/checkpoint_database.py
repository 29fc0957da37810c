"""Checkpoints in a PostgreSQL database: any machine that reaches it and the run folder can go on with the run."""

import contextlib
import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from agent.core.checkpoint_file import opened as unsealed
from agent.core.checkpoints import KEPT
from agent.core.errors import AgentError, EnvironmentUnfit, LimitReached
from agent.core.orchestration import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    RunnableConfig,
    SerializerProtocol,
)

try:
    import psycopg
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg.rows import dict_row
except ImportError as missing:  # the extra [cluster] is not installed
    raise EnvironmentUnfit(
        f"checkpoints in PostgreSQL need the extra [cluster]: {missing}", hint="Install it with `make cluster`, or leave --checkpoints out."
    ) from None

CONNECT_SECONDS = 10
MAKING = 7_202_611
"""Number of the lock under which tables are made, so that of several workers one makes them."""
SEAL = "seal"
"""Of the metadata: checksum of the checkpoint itself, whose JSON the serializer never sees."""
PASSING = ("starting up", "shutting down", "in recovery", "too many clients", "remaining connection slots")
"""Words of a server that would serve later."""
REFUSED = ("FATAL:", "no password supplied", "definition of service", "certificate", "SSL")
"""Words of what a person must change before it serves."""
ROWS = "select checkpoint, metadata from checkpoints where starts_with(thread_id, %s)"
VALUES = """select blob from checkpoint_blobs where starts_with(thread_id, %s) and blob is not null
    union all select blob from checkpoint_writes where starts_with(thread_id, %s)"""


class DatabaseCheckpoints:
    """The walks of one run in a database that many runs share.

    Attributes:
        kind: URL without password.
        identity: kept in the run's configuration.
    """

    def __init__(self, kind: str, password: SecretStr | None, identity: str, space: str) -> None:
        self.kind, self.identity = kind, identity
        self._password, self._space = password, space

    @property
    def place(self) -> str:
        """Server and database."""
        parts = urlsplit(self.kind)
        return f"checkpoints in {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def thread(self, marks: str) -> str:
        """The hashes behind the run's own name."""
        return f"{self._space}/{marks}"

    def damage(self) -> str:
        """Compare every checkpoint and value of the run with its checksum."""
        with self._connected() as connection, answered(self.place):
            rows = connection.execute(ROWS, (f"{self._space}/",)).fetchall()
            values = connection.execute(VALUES, (f"{self._space}/",) * 2).fetchall()
        if not rows:
            return "is missing"
        try:
            for value in values:
                unsealed(value["blob"])
        except ValueError:
            return "holds values that are not what was written"
        sound = all(row["metadata"].get(SEAL) == seal_of(row["checkpoint"]) for row in rows)
        return "" if sound else "holds checkpoints that are not what was written"

    def forget(self) -> None:
        """Delete the rows of this run and of no other."""
        with self._connected() as connection, answered(self.place), connection.transaction():
            for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
                connection.execute(f"delete from {table} where starts_with(thread_id, %s)", (f"{self._space}/",))

    @contextlib.contextmanager
    def opened(self, serde: SerializerProtocol) -> Iterator[BaseCheckpointSaver[str]]:
        """Open a connection for a walk."""
        with self._connected() as connection:
            yield SealedCheckpoints(connection, serde, self.place)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        """A connection to a database that has the tables."""
        password = {"password": self._password.get_secret_value()} if self._password else {}
        with answered(self.place):
            connection = psycopg.connect(
                self.kind, autocommit=True, prepare_threshold=0, row_factory=dict_row, connect_timeout=CONNECT_SECONDS, **password
            )
        try:
            with answered(self.place):
                made(connection)
            yield connection
        finally:
            connection.close()


def made(connection: Any) -> None:
    """See that the tables are there; of several processes one makes them."""
    if (connection.execute("select to_regclass('checkpoint_writes') is not null as made").fetchone() or {}).get("made"):
        newest = connection.execute("select max(v) as v from checkpoint_migrations").fetchone()
        if newest and newest["v"] == len(PostgresSaver.MIGRATIONS) - 1:
            return
    while not connection.execute("select pg_try_advisory_lock(%s) as mine", (MAKING,)).fetchone()["mine"]:
        connection.execute("select pg_sleep(0.1)")  # one that waits inside of a lock would hold up `create index concurrently`
    try:
        PostgresSaver(connection).setup()
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (MAKING,))


class SealedCheckpoints(PostgresSaver):  # type: ignore[misc]  # the extra may be absent
    """Seals each checkpoint, forgets those before the newest now and then, and says in one line when the database is gone."""

    def __init__(self, connection: Any, serde: SerializerProtocol, place: str) -> None:
        super().__init__(connection, serde=serde)
        self._place = place

    def put(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        """Save a checkpoint; every KEPT steps, drop those before it."""
        sealed: Any = {**metadata, SEAL: seal_of(checkpoint)}
        with answered(self._place):
            saved: RunnableConfig = super().put(config, checkpoint, sealed, new_versions)
            if metadata.get("step", 0) % KEPT == 0:
                self.prune([str(saved["configurable"]["thread_id"])])
        return saved

    def put_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Save what a step wrote."""
        with answered(self._place):
            super().put_writes(config, writes, task_id, task_path)

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Read a checkpoint."""
        with answered(self._place):
            found: CheckpointTuple | None = super().get_tuple(config)
            return found


def seal_of(checkpoint: Any) -> int:
    """CRC-32 of a checkpoint as its row holds it: without the values that stand in rows of their own."""
    plain = {name: value for name, value in checkpoint["channel_values"].items() if value is None or isinstance(value, str | int | float)}
    return zlib.crc32(json.dumps({**checkpoint, "channel_values": plain}, sort_keys=True).encode())


@contextlib.contextmanager
def answered(place: str) -> Iterator[None]:
    """Errors of the database as one line: what may be better later is resumable, what a person must change is not."""
    try:
        yield
    except psycopg.Error as error:
        raise told(error, place) from error


def told(error: Any, place: str) -> AgentError:
    """The deliberate error that one of the database comes to."""
    said = " ".join(str(error).split())[:300] or type(error).__name__
    refused = any(words in said for words in REFUSED) and not any(words in said for words in PASSING)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not refused:
        return LimitReached(
            f"{place}: the database cannot be reached: {said}", hint="Nothing is lost. Start it, then run the same command again."
        )
    return EnvironmentUnfit(f"{place}: {said}", hint="See that user, password (PGPASSWORD, PGPASSFILE), database and its tables are there.")
