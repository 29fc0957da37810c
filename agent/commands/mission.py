"""Runs one mission, new or stopped, to its end."""

import contextlib
import datetime as dt
import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.commands.asking import settled, told
from agent.commands.conditions import environment, identity, weakness_told
from agent.commands.runs import FORMAT, bugs, check_format, config_of, find_run, is_empty, is_finished, latest_stopped, name_of
from agent.commands.stopping import Stop, fit_for_work, limit_behind, out_of_time, partial_report, stoppable, with_the_way_on
from agent.core import events
from agent.core.approvals import read_approval, withdraw
from agent.core.artifacts import RECORDS
from agent.core.checkpoint_store import CheckpointStore, can_be_had, store_of
from agent.core.checkpoints import from_the_future
from agent.core.clock import WorkClock
from agent.core.errors import AgentError, UsageError
from agent.core.harmless import json_text
from agent.core.integrity import check_run
from agent.core.journal import Journal
from agent.core.known import PREPARED, WRITTEN
from agent.core.ledger import Ledger
from agent.core.locks import folder_lock, run_lock
from agent.core.mending import mend
from agent.core.prompts import rendered_prompts
from agent.core.records import finished_phases
from agent.core.roadmap import Entry, load_entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext, Warm
from agent.core.workspace import Workspace, create_run, list_runs
from agent.core.written import text_hash
from agent.court.catalogue import load_catalogue
from agent.court.severity import LEVELS
from agent.graph import Deps, mission_graph, serializer
from agent.models.cassette import RECORDING
from agent.models.providers import connect, validate
from agent.models.providers import notices as model_notices
from agent.phases.base import Mission
from agent.policies.llm import FloorAndAdditions
from agent.policies.playbook import Playbook, Policy
from agent.registry import TOOLS
from agent.reporting.console import ConsoleListener
from agent.reporting.final_report import write_reports
from agent.reporting.progress import resume_command
from agent.reporting.trace import TraceListener
from tools.run_code import writable_in
from tools.sandbox import choose
from tools.targets import resolve
from tools.warm_python import warm_python
from tools.web_search import checked_provider

STEPS = 10_000
"""LangGraph's recursion limit; loops are bounded by the plans."""


def start(entry_id: str, settings: Settings, *, target: str, new: bool, fail_on: str | None, console: Console) -> int:
    """Run a mission: go on with the entry's newest run when that is unfinished, make a new one otherwise."""
    fit_for_work(settings)
    entry = load_entry(settings.project / "docs/roadmap", entry_id, settings.cache)
    choose(settings.sandbox)
    validate(settings)
    checked_provider(settings)
    can_be_had(settings)
    found = resolve(target, settings, progress=lambda text: console.print(f"  {text}", markup=False))
    with contextlib.ExitStack() as choosing:  # of two that come at the same instant, the second sees the run of the first
        choosing.enter_context(folder_lock(settings.runs / entry.id))
        unfinished = [w for w in list_runs(settings.runs) if w.root.parent.name == entry.id and not is_finished(w)]
        stopped = next((w for w in reversed(unfinished) if is_empty(w) or config_of(w).get("target") == target), None)
        if stopped is not None and not new and not is_empty(stopped):
            check_format(stopped, config_of(stopped))
        today = dt.datetime.now(dt.UTC).date()
        chosen = create_run(settings.runs, entry.id, today) if stopped is None or new else stopped
        return drive(entry, chosen, found, settings, target, fail_on, console, begun=choosing.close)


def resume(run: str, settings: Settings, *, fail_on: str | None, console: Console) -> int:
    """Go on with a stopped run: the named one, or the latest that is not finished."""
    workspace = find_run(run, settings.runs) if run else latest_stopped(settings.runs)
    config = config_of(workspace)
    check_format(workspace, config)
    if is_finished(workspace) and not check_run(workspace, store_of(workspace, config, settings)).damage:
        console.print(f"{workspace.root.name} is finished: {workspace.root / 'FINAL_REPORT.md'}", highlight=False)
        return exit_code(workspace, fail_on)
    fit_for_work(settings)
    entry = load_entry(settings.project / "docs/roadmap", config["entry"], settings.cache)
    found = resolve(config["target"], settings, progress=lambda text: console.print(f"  {text}", markup=False))
    return drive(entry, workspace, found, settings, config["target"], fail_on, console)


def drive(
    entry: Entry,
    workspace: Workspace,
    target: Target,
    settings: Settings,
    spec: str,
    fail_on: str | None,
    console: Console,
    begun: Callable[[], None] = lambda: None,
) -> int:
    """Walk the graph to its end under the run's lock, then write the reports; `begun` is called when the run is there for all to see."""
    earlier = config_of(workspace)
    settings, store = settings.model_copy(update=as_begun(earlier, settings)), store_of(workspace, earlier, settings)
    with run_lock(workspace.path("run.lock")) as left_behind, stoppable() as stop:
        try:
            notices = [*filter(None, [left_behind]), *prepare(entry, workspace, target, settings, spec, store)]
            begun()
            code = walked(entry, workspace, target, settings, console, notices, stop, store)
        except KeyboardInterrupt:
            stop.heard()
            if stop.late and settings.minutes:
                raise out_of_time(settings.minutes, workspace, settings) from None
            way_on = f"Go on with:\n  {resume_command(workspace, settings)}\n{partial_report(workspace, settings)}"
            console.print(f"Stopped; nothing is lost. {way_on}", markup=False, highlight=False, soft_wrap=True)
            return 130
        except Exception as error:
            if (limit := limit_behind(error, workspace.root)) is None:
                raise
            raise with_the_way_on(limit, workspace, settings) from error
    return exit_code(workspace, fail_on) if code is None else code


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


def as_begun(earlier: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Settings that a run keeps from its beginning: on them depends which calls it makes."""
    shared = earlier.get("shared") if earlier else settings.shared
    minutes = earlier.get("minutes") if settings.minutes is None else settings.minutes
    approve = settings.approve or earlier.get("approve") or "none"
    return {"approve": approve, "minutes": minutes or None, "shared": Path(shared) if shared else None}


def prepare(entry: Entry, workspace: Workspace, target: Target, settings: Settings, spec: str, store: CheckpointStore) -> list[str]:
    """Write configuration and environment; say what differs from an earlier start of this run."""
    now = identity(entry, target, settings)
    earlier = config_of(workspace).get("identity")
    notices = [f"going on with {workspace.root.name}", *mend(workspace, store)] if earlier else []
    if earlier:
        changed = [name for name in now if earlier.get(name) != now[name]]
        notices += [f"{', '.join(changed)} changed since the run was stopped; what depends on it is done again"] if changed else []
    config = {
        "format": FORMAT,
        "entry": entry.id,
        "target": spec,
        "target_version": target.version,
        "policy": "llm" if settings.providers else "playbook",
        "identity": now,
        "approve": settings.approve,
        "shared": settings.shared,
        "minutes": settings.minutes,
        "checkpoints": store.kind,
        "checkpoints_id": store.identity,
        "models": {
            "providers": settings.providers,
            "model": settings.model,
            "script": settings.script and settings.script.resolve(),
            "cassette": settings.cassette and settings.cassette.resolve(),
        },
    }
    pages = {f"config/prompts/{name}": text for name, text in rendered_prompts(settings.project / "prompts", entry, target).items()}
    pages |= {"config/environment.json": json_text(environment(settings), 2) + "\n", "config/run_config.json": json_text(config, 2) + "\n"}
    noted = {"config": config, "files": {name: text_hash(text) for name, text in pages.items()}}
    Ledger(workspace.root).append(PREPARED, str(time.time_ns()), noted)
    for name, text in pages.items():
        workspace.write(name, text)
    Ledger(workspace.root).append(WRITTEN, str(time.time_ns()), {"files": list(pages)})
    return notices


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


def exit_code(workspace: Workspace, fail_on: str | None) -> int:
    """1 when a confirmed bug reaches `fail_on`, else 0."""
    if fail_on is None:
        return 0
    if fail_on not in LEVELS:
        raise UsageError(f"--fail-on: {fail_on!r} is not one of {', '.join(LEVELS)}")
    return int(any(LEVELS.index(bug["severity"]) >= LEVELS.index(fail_on) for bug in bugs(workspace) if bug["severity"] in LEVELS))
