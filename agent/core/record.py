"""The base of all data that crosses a boundary."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
