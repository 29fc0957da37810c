"""The mission's state machine for LangGraph's own studio, as `langgraph.json` names it: to look at, since a mission needs a run folder."""

from typing import Any

from agent.core.orchestration import RunnableConfig
from agent.graph import mission_graph
from agent.registry import TOOLS


def mission(config: RunnableConfig) -> Any:
    """The compiled graph, without checkpoints: whoever serves it brings its own."""
    return mission_graph(TOOLS, None)
