"""Writes what the agent itself does to `results/trace.jsonl`, one structured line per event."""

from typing import Any

import structlog

from agent.core import events
from agent.core.workspace import Workspace


class TraceListener:
    """Appends events; each line is flushed, so that a killed run keeps its trace."""

    def __init__(self, workspace: Workspace) -> None:
        path = workspace.path("results/trace.jsonl")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("a", encoding="utf-8", buffering=1)
        processors: list[Any] = [structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()]
        self._log = structlog.wrap_logger(structlog.PrintLogger(self._stream), processors=processors)

    def __call__(self, event: events.Event) -> None:
        """Write one event; progress of a tool is for people only."""
        if isinstance(event, events.ToolProgressed):
            return
        fields = events.as_dict(event)
        self._log.info(fields.pop("event"), **fields)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
