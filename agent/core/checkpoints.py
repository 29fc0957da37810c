"""The graph's checkpoints, of which only the newest matter: what was done is in the call markers."""

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from agent.core.checkpoint_file import opened, sealed

KEPT = 16
"""Steps between two clearings: a file of hundreds of steps stays as small as one of a few."""


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
