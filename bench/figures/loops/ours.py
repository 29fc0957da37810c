"""Ours: the mission's graph with its journal, ledger, trace, limits and checkpoints; each step asks the model and calls a tool.

python -m bench.figures.loops.ours URL STEPS FOLDER [--no-sync]

With --no-sync nothing waits for the disk, which tells what the others wait for.
"""

import os
import sys
import time
from pathlib import Path

from agent.core import events
from agent.core.artifacts import Action, PhaseRecord, Research
from agent.core.checkpoint_store import store_of
from agent.core.clock import WorkClock
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.roadmap import load_entry
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.court.catalogue import load_catalogue
from agent.graph import Deps, mission_graph, serializer
from agent.models.providers import connect
from agent.phases.base import Mission, Phase, Plan
from agent.policies.playbook import Playbook
from agent.registry import TOOLS
from agent.reporting.trace import TraceListener
from bench.figures.loops.common import told
from tools.targets import INSTALLED, resolve

ENTRY = "CORE-001"
PLENTY = 10**9


def main(url: str, steps: int, folder: Path) -> None:
    """One phase of so many steps."""
    many = dict.fromkeys(("requests_per_minute", "tokens_per_minute", "requests_per_day", "tokens_per_day", "mission_tokens"), PLENTY)
    places = {"runs": folder / "runs", "cache": folder / "cache"}
    model = {"providers": ("groq",), "groq_key": "none", "groq_base_url": url, "mission_calls": PLENTY, "model_seconds": 1e6}
    settings = Settings.load({}, search="offline", **many, **places, **model)
    workspace = Workspace(settings.runs / ENTRY / "run-2026-01-01-001")
    workspace.root.mkdir(parents=True)
    ends: list[float] = []

    def plan(mission: Mission, attempt: int) -> Plan:
        for number in range(steps):
            slots = {"title": mission.entry.title, "industry": mission.entry.industry, "worry": f"worry {number}", "planned": []}
            asked = yield Action(id=f"ask-{number}", tool="ask_model", args={"decision": "queries", "slots": slots}, why="which query")
            query = asked.result["answer"]["queries"][0]
            yield Action(id=f"read-{number}", tool="read_docs", args={"query": query, "limit": 5}, why=f"read about {query} ({number})")
            ends.append(time.perf_counter())
        return Research(phase="research", artifacts={}, searches=0, searches_answered=0, passages=steps, symbols=0, hypotheses=())

    def gate(mission: Mission, record: PhaseRecord) -> list[str]:
        return []

    deps = deps_of(settings, workspace)
    store = store_of(workspace, {}, settings)
    with store.opened(serializer()) as saver:
        graph = mission_graph(TOOLS, saver, (Phase("research", "steps", plan, gate),))
        began = time.perf_counter()
        graph.invoke(
            {"receipts": {}},
            {"configurable": {"thread_id": store.thread("bench")}, "recursion_limit": 10 * steps + 100},
            context=deps,
            durability="sync",
        )
        told([(end - start) * 1e3 for start, end in zip([began, *ends], ends, strict=False)], workspace.root / "checkpoints.sqlite")


def deps_of(settings: Settings, workspace: Workspace) -> Deps:
    """As a mission has them."""
    target, ledger = resolve(INSTALLED, settings), Ledger(workspace.root)
    catalogue = load_catalogue(settings.project / "components", settings.cache)
    journal, entry = Journal(workspace, ledger), load_entry(settings.project / "docs/roadmap", ENTRY, settings.cache)
    mission = Mission(entry, settings, workspace, ledger, journal, target, catalogue, TOOLS, "bench")
    trace, clock = TraceListener(workspace, settings), WorkClock(workspace)

    def emit(event: events.Event) -> None:
        clock.tick()
        trace(event)

    emit(events.MissionStarted(ENTRY, str(workspace.root), False, ()))
    context = ToolContext(settings, target, workspace, lambda text: emit(events.ToolProgressed(text)), connect(settings), emit)
    return Deps(mission, context, Playbook(), emit)


if __name__ == "__main__":
    if "--no-sync" in sys.argv[4:]:
        os.fsync = lambda handle: None
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
