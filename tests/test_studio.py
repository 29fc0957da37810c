"""`langgraph.json`: the graph is found and built as LangGraph's server does it, and says what it needs when it is run there."""

import importlib.util
import json
from typing import Any

import pytest
from langgraph.graph.state import CompiledStateGraph

from agent.core.errors import UsageError
from agent.graph import PHASES
from tests.conftest import ROOT


def served() -> dict[str, Any]:
    """Every graph that the file names."""
    found = {}
    for name, place in json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"].items():
        file, _, variable = place.partition(":")
        spec = importlib.util.spec_from_file_location(f"studio_{name}", ROOT / file)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[name] = getattr(module, variable)({"configurable": {}})
    return found


def test_the_graph_is_there_with_its_seven_phases() -> None:
    graph = served()["mission"]
    assert isinstance(graph, CompiledStateGraph)
    assert [name for name in graph.nodes if not name.startswith("__")] == [phase.name for phase in PHASES]
    assert "run_code" in graph.get_graph(xray=1).draw_mermaid()


def test_run_from_a_studio_it_says_what_it_needs() -> None:
    with pytest.raises(UsageError, match="run folder"):
        served()["mission"].invoke({"receipts": {}})
