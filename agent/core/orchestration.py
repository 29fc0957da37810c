"""What a mission takes of LangGraph, imported here alone: after `agent.core.deferred`, so that it takes two thirds of the time."""

import agent.core.deferred  # noqa: F401, I001 - has to come first

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

__all__ = [
    "END",
    "START",
    "BaseCheckpointSaver",
    "ChannelVersions",
    "Checkpoint",
    "CheckpointMetadata",
    "CheckpointTuple",
    "CompiledStateGraph",
    "JsonPlusSerializer",
    "RunnableConfig",
    "Runtime",
    "SerializerProtocol",
    "SqliteSaver",
    "StateGraph",
    "interrupt",
]
