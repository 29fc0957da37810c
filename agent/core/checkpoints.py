"""The graph's checkpoints, of which only the newest matter: what was done is in the call markers."""

import time
import uuid
from collections.abc import Sequence
from typing import Any

from agent.core.checkpoint_file import opened, sealed
from agent.core.orchestration import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    JsonPlusSerializer,
    RunnableConfig,
    SqliteSaver,
)

KEPT = 16
"""Steps between two clearings: a file of hundreds of steps stays as small as one of a few."""


GREGORIAN = 0x01B21DD213814000
"""Start of the Unix epoch in the clock of UUIDs: units of 100 ns since 1582-10-15 (RFC 9562, 5.1)."""


def from_the_future(saver: BaseCheckpointSaver[str], thread: str) -> bool:
    """Whether a checkpoint of the thread was written under a clock that was ahead of today's.

    Checkpoints are found by their ids, version 6 UUIDs, the largest first: those that are written now would be passed over in its favour.
    """
    newest = next(saver.list({"configurable": {"thread_id": thread}}, limit=1), None)
    return newest is not None and written_at(newest.checkpoint["id"]) > time.time()


def written_at(checkpoint_id: str) -> float:
    """When a checkpoint was written by the clock of its time, in seconds since 1970."""
    bits = uuid.UUID(checkpoint_id).int
    stamp = (bits >> 80) << 12 | (bits >> 64) & 0xFFF
    return (stamp - GREGORIAN) / 1e7


class SealedSerializer(JsonPlusSerializer):
    """Puts a checksum behind every value of the state; see `agent.core.checkpoint_file`."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Type and sealed bytes of a value."""
        kind, raw = super().dumps_typed(obj)
        return kind, sealed(raw)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The value of sealed bytes; ValueError when they are not what was written."""
        return super().loads_typed((data[0], opened(data[1])))


class RecentCheckpoints(SqliteSaver):
    """Forgets the checkpoints before the newest of each graph now and then; a walk goes on from the newest only."""

    def put(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        """Save a checkpoint; every KEPT steps, drop those before it and what was written for them."""
        saved = super().put(config, checkpoint, metadata, new_versions)
        if metadata.get("step", 0) % KEPT == 0:
            place = saved["configurable"]
            older = (str(place["thread_id"]), place["checkpoint_ns"], place["checkpoint_id"])
            with self.cursor() as cursor:
                for table in ("checkpoints", "writes"):
                    cursor.execute(f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id < ?", older)
        return saved

    def put_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        """Save nothing: a step's checkpoint tells what it wrote; one that was cut off is made again, over the markers of its calls."""
