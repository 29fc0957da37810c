"""The walk of one mission through the graph, from where it stands to its reports."""

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console

from agent.commands.asking import settled, told
from agent.commands.conditions import identity, weakness_told
from agent.commands.runs import bugs, name_of
from agent.commands.stopping import Stop
from agent.core import events
from agent.core.approvals import read_approval, withdraw
from agent.core.artifacts import RECORDS
from agent.core.checkpoint_store import CheckpointStore
from agent.core.checkpoints import from_the_future
from agent.core.clock import WorkClock
from agent.core.errors import AgentError
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.records import finished_phases
from agent.core.roadmap import Entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext, Warm
from agent.core.workspace import Workspace
from agent.court.catalogue import load_catalogue
from agent.graph import Deps, mission_graph, serializer
from agent.models.cassette import RECORDING
from agent.models.providers import connect
from agent.models.providers import notices as model_notices
from agent.phases.base import Mission
from agent.policies.llm import FloorAndAdditions
from agent.policies.playbook import Playbook, Policy
from agent.registry import TOOLS
from agent.reporting.console import ConsoleListener
from agent.reporting.final_report import write_reports
from agent.reporting.trace import TraceListener
from tools.run_code import writable_in
from tools.warm_python import warm_python

STEPS = 10_000
"""LangGraph's recursion limit; loops are bounded by the plans."""


def walked(
    entry: Entry,
    workspace: Workspace,
    target: Target,
    settings: Settings,
    console: Console,
    notices: list[str],
    stop: Stop,
    store: CheckpointStore,
) -> int | None:
    """Walk the graph and write the reports; None at its end, else the exit code of a mission that waits for a person."""
    trace, screen, one_at_a_time = TraceListener(workspace, settings), ConsoleListener(console), threading.Lock()
    began, clock = time.monotonic(), WorkClock(workspace)

    def emit(event: events.Event) -> None:
        with one_at_a_time:  # calls that run side by side tell at any time
            clock.tick()
            trace(event)
            screen(event)

    ready = contextlib.ExitStack()
    try:
        if settings.minutes:
            stop.after(settings.minutes * 60 - clock.seconds())
        resumed = bool(finished_phases(workspace)) or bool(notices)
        told_first = tuple(filter(None, [*notices, weakness_told(settings), trace.notice]))
        emit(events.MissionStarted(entry.id, str(workspace.root), resumed, told_first))
        warm = ready.enter_context(warm_python(settings, target, workspace.root, writable_in(workspace)))
        deps = deps_of(entry, workspace, target, settings, emit, warm)
        for notice in model_notices(deps.context.models):
            emit(events.ToolProgressed(notice))
        withdraw(workspace)
        while key := walk(deps, store, identity(entry, target, settings)):
            approval = read_approval(workspace, key)
            screen.close()
            if approval and not settled(workspace, approval, console):
                left = read_approval(workspace, key) or approval
                if left.status == "rejected":
                    write_reports(entry, workspace, target, settings)
                return told(workspace, left, settings, console)
        report = write_reports(entry, workspace, target, settings)
        emit(events.MissionFinished(str(workspace.root), str(report), len(bugs(workspace)), time.monotonic() - began))
        return None
    finally:
        ready.close()
        with contextlib.suppress(OSError):  # standard output may be what is gone
            screen.close()
        with contextlib.suppress(AgentError):  # the disk may be what is full
            clock.note()
        if lost := trace.close():
            again = f"python -m agent trace {name_of(workspace)} --send {settings.traces}"
            console.print(f"note: {lost}; to send them again: {again}", markup=False, highlight=False, soft_wrap=True)


def deps_of(
    entry: Entry, workspace: Workspace, target: Target, settings: Settings, emit: Callable[[events.Event], None], warm: Warm
) -> Deps:
    """The run-scoped objects of the graph."""
    ledger = Ledger(workspace.root)
    catalogue = load_catalogue(settings.project / "components", settings.cache)
    models = connect(settings, record=workspace.path(RECORDING))
    policy: Policy = FloorAndAdditions(tell=lambda text: emit(events.ToolProgressed(text))) if models else Playbook()
    mission = Mission(
        entry, settings, workspace, ledger, Journal(workspace, ledger), target, catalogue, TOOLS, f"stageflow-agent ({policy.name})"
    )
    context = ToolContext(settings, target, workspace, lambda text: emit(events.ToolProgressed(text)), models, emit, warm)
    return Deps(mission, context, policy, emit)


def walk(deps: Deps, store: CheckpointStore, marks: dict[str, str]) -> str:
    """Invoke the graph from its last checkpoint, or from its start when there is none for these hashes.

    Returns:
        Key of the approval at which it paused; empty at its end.
    """
    workspace = deps.mission.workspace
    thread = store.thread(hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()[:16])
    config: Any = {"configurable": {"thread_id": thread}, "recursion_limit": STEPS}
    if store.damage() not in ("", "is missing", "is empty"):
        store.forget()  # the call markers on disk are the truth, the walk adopts them
    with store.opened(serializer()) as saver:
        graph = mission_graph(TOOLS, saver)
        if from_the_future(saver, thread):
            saver.delete_thread(thread)
        state = graph.get_state(config)
        if state.values and not state.next and complete(workspace):
            return ""
        for anew in (not state.next, True):
            if anew:
                saver.delete_thread(thread)
            ended = graph.invoke({"receipts": {}} if anew else None, config, context=deps, durability="sync")
            pause = str(next((pause.value for pause in ended.get("__interrupt__", ())), ""))
            if pause or complete(workspace):
                return pause
    raise AgentError(f"the walk of {workspace.name} ended early, twice", hint="Go on with `python -m agent --resume`; nothing is lost.")


def complete(workspace: Workspace) -> bool:
    """Whether all phases are finished: what checkpoints say of the end counts only then."""
    return len(finished_phases(workspace)) == len(RECORDS)
