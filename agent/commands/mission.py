"""Runs one mission, new or stopped, to its end."""

import contextlib
import datetime as dt
import hashlib
import importlib.metadata
import json
import platform
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.commands.asking import settled, told
from agent.commands.runs import FORMAT, bugs, check_format, config_of, find_run, is_finished, latest_stopped, name_of
from agent.core import events
from agent.core.approvals import read_approval, withdraw
from agent.core.checkpoint_file import damage
from agent.core.checkpoints import RecentCheckpoints
from agent.core.errors import UsageError
from agent.core.files import json_text
from agent.core.integrity import check_run
from agent.core.journal import Journal
from agent.core.known import PREPARED, WRITTEN
from agent.core.ledger import Ledger
from agent.core.locks import run_lock
from agent.core.mending import forget_walk, mend
from agent.core.prompts import rendered_prompts
from agent.core.records import finished_phases
from agent.core.roadmap import Entry, load_entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext
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
from agent.reporting.trace import TraceListener
from tools.sandbox import choose, weakness
from tools.targets import resolve
from tools.web_search import checked_provider

STEPS = 10_000
"""LangGraph's recursion limit; loops are bounded by the plans."""


def start(entry_id: str, settings: Settings, *, target: str, new: bool, fail_on: str | None, console: Console) -> int:
    """Run a mission: go on with the entry's newest run when that is unfinished, make a new one otherwise."""
    entry = load_entry(settings.project / "docs/roadmap", entry_id, settings.cache)
    choose(settings.sandbox)
    validate(settings)
    checked_provider(settings)
    found = resolve(target, settings, progress=lambda text: console.print(f"  {text}", markup=False))
    unfinished = [w for w in list_runs(settings.runs) if w.root.parent.name == entry.id and not is_finished(w)]
    stopped = next((w for w in reversed(unfinished) if config_of(w).get("target") == target), None)
    if stopped is not None and not new:
        check_format(stopped, config_of(stopped))
    if stopped is not None and not new:
        return drive(entry, stopped, found, settings, target, fail_on, console)
    today = dt.datetime.now(dt.UTC).date()
    return drive(entry, create_run(settings.runs, entry.id, today), found, settings, target, fail_on, console)


def resume(run: str, settings: Settings, *, fail_on: str | None, console: Console) -> int:
    """Go on with a stopped run: the named one, or the latest that is not finished."""
    workspace = find_run(run, settings.runs) if run else latest_stopped(settings.runs)
    config = config_of(workspace)
    check_format(workspace, config)
    if is_finished(workspace) and not check_run(workspace).damage:
        console.print(f"{workspace.root.name} is finished: {workspace.root / 'FINAL_REPORT.md'}", highlight=False)
        return exit_code(workspace, fail_on)
    entry = load_entry(settings.project / "docs/roadmap", config["entry"], settings.cache)
    found = resolve(config["target"], settings, progress=lambda text: console.print(f"  {text}", markup=False))
    return drive(entry, workspace, found, settings, config["target"], fail_on, console)


def identity(entry: Entry, target: Target, settings: Settings) -> dict[str, str]:
    """Hashes of everything that decides what a mission does."""

    def over(paths: list[Path]) -> str:
        digest = hashlib.sha256()
        for path in sorted(paths):
            digest.update(path.relative_to(settings.project).as_posix().encode() + path.read_bytes())
        return digest.hexdigest()[:16]

    code = [p for folder in ("agent", "tools", "components") for p in (settings.project / folder).rglob("*") if p.suffix in (".py", ".j2")]
    return {
        "code": over(code),
        "prompts": over([p for p in (settings.project / "prompts").rglob("*") if p.suffix in (".md", ".j2")]),
        "target": target.fingerprint,
        "entry": hashlib.sha256(entry.model_dump_json().encode()).hexdigest()[:16],
        "model": " ".join([*settings.providers, settings.model]) if settings.providers else "none",
    }


def environment(settings: Settings) -> dict[str, Any]:
    """The machine, as far as a reader of measurements needs it."""
    sandbox = choose(settings.sandbox)
    protections = [f"{p.against}: {'yes' if p.active else 'no'} ({p.note})" for p in sandbox.protections]
    packages = ("stageflow-core", "langgraph", "langgraph-checkpoint-sqlite", "pydantic")
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processor": cpu_model(),
        "cores": settings.jobs,
        "packages": {name: importlib.metadata.version(name) for name in packages},
        "sandbox": {"name": sandbox.name, "protections": protections, "weakness": weakness_told(settings)},
    }


def weakness_told(settings: Settings) -> str:
    """What the sandbox leaves open, and what follows from that; empty when it leaves nothing open."""
    found = weakness(choose(settings.sandbox))
    doing = "is run all the same (--allow-weak-sandbox)" if settings.allow_weak_sandbox else "is not run"
    return found and f"weak sandbox: {found}; code that a model writes {doing}"


def cpu_model() -> str:
    """Model name of the processor, as the kernel tells it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


@contextlib.contextmanager
def stop_on_term() -> Iterator[None]:
    """SIGTERM interrupts like Ctrl-C, so that both leave the same resumable state."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def drive(entry: Entry, workspace: Workspace, target: Target, settings: Settings, spec: str, fail_on: str | None, console: Console) -> int:
    """Walk the graph to its end under the run's lock, then write the reports."""
    began = time.monotonic()
    settings = settings.model_copy(update={"approve": settings.approve or config_of(workspace).get("approve") or "none"})
    with run_lock(workspace.path("run.lock")), stop_on_term():
        notices = prepare(entry, workspace, target, settings, spec)
        trace, screen, one_at_a_time = TraceListener(workspace, settings), ConsoleListener(console), threading.Lock()

        def emit(event: events.Event) -> None:
            with one_at_a_time:  # calls that run side by side tell at any time
                trace(event)
                screen(event)

        try:
            resumed = bool(finished_phases(workspace)) or bool(notices)
            told_first = tuple(filter(None, [*notices, weakness_told(settings), trace.notice]))
            emit(events.MissionStarted(entry.id, str(workspace.root), resumed, told_first))
            deps = deps_of(entry, workspace, target, settings, emit)
            for notice in model_notices(deps.context.models):
                emit(events.ToolProgressed(notice))
            withdraw(workspace)
            while key := walk(deps, workspace, identity(entry, target, settings)):
                approval = read_approval(workspace, key)
                screen.close()
                if approval and not settled(workspace, approval, console):
                    left = read_approval(workspace, key) or approval
                    if left.status == "rejected":
                        write_reports(entry, workspace, target, settings)
                    return told(workspace, left, settings, console)
            report = write_reports(entry, workspace, target, settings)
            emit(events.MissionFinished(str(workspace.root), str(report), len(bugs(workspace)), time.monotonic() - began))
        except KeyboardInterrupt:
            screen.close()
            console.print(
                f"Stopped; nothing is lost. Go on with:\n  python -m agent --resume {entry.id}/{workspace.root.name}", highlight=False
            )
            return 130
        finally:
            screen.close()
            if lost := trace.close():
                again = f"python -m agent trace {name_of(workspace)} --send {settings.traces}"
                console.print(f"note: {lost}; to send them again: {again}", markup=False, highlight=False, soft_wrap=True)
    return exit_code(workspace, fail_on)


def prepare(entry: Entry, workspace: Workspace, target: Target, settings: Settings, spec: str) -> list[str]:
    """Write configuration and environment; say what differs from an earlier start of this run."""
    now = identity(entry, target, settings)
    earlier = config_of(workspace).get("identity")
    notices = [f"going on with {workspace.root.name}", *mend(workspace)] if earlier else []
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
        "models": {
            "providers": settings.providers,
            "model": settings.model,
            "script": settings.script and settings.script.resolve(),
            "cassette": settings.cassette and settings.cassette.resolve(),
        },
    }
    pages = {f"config/prompts/{name}": text for name, text in rendered_prompts(settings.project / "prompts", entry, target).items()}
    pages |= {"config/environment.json": json_text(environment(settings)), "config/run_config.json": json_text(config)}
    noted = {"config": config, "files": {name: text_hash(text) for name, text in pages.items()}}
    Ledger(workspace.root).append(PREPARED, str(time.time_ns()), noted)
    for name, text in pages.items():
        workspace.write(name, text)
    Ledger(workspace.root).append(WRITTEN, str(time.time_ns()), {"files": list(pages)})
    return notices


def deps_of(entry: Entry, workspace: Workspace, target: Target, settings: Settings, emit: Callable[[events.Event], None]) -> Deps:
    """The run-scoped objects of the graph."""
    ledger = Ledger(workspace.root)
    catalogue = load_catalogue(settings.project / "components")
    models = connect(settings, record=workspace.path(RECORDING))
    policy: Policy = FloorAndAdditions(tell=lambda text: emit(events.ToolProgressed(text))) if models else Playbook()
    mission = Mission(
        entry, settings, workspace, ledger, Journal(workspace, ledger), target, catalogue, TOOLS, f"stageflow-agent ({policy.name})"
    )
    context = ToolContext(settings, target, workspace, progress=lambda text: emit(events.ToolProgressed(text)), models=models, emit=emit)
    return Deps(mission, context, policy, emit)


def walk(deps: Deps, workspace: Workspace, marks: dict[str, str]) -> str:
    """Invoke the graph from its last checkpoint, or from its start when there is none for these hashes.

    Returns:
        Key of the approval at which it paused; empty at its end.
    """
    path = workspace.path("checkpoints.sqlite")
    thread = hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()[:16]
    config: Any = {"configurable": {"thread_id": thread}, "recursion_limit": STEPS}
    if damage(workspace.root) not in ("", "is missing", "is empty"):
        forget_walk(workspace)  # the call markers on disk are the truth, the walk adopts them
    with contextlib.closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        graph = mission_graph(TOOLS, RecentCheckpoints(connection, serde=serializer()))
        state = graph.get_state(config)
        finished = bool(state.values) and not state.next
        if finished:
            return ""
        ended = graph.invoke(None if state.next else {"receipts": {}}, config, context=deps, durability="sync")
        return str(next((pause.value for pause in ended.get("__interrupt__", ())), ""))


def exit_code(workspace: Workspace, fail_on: str | None) -> int:
    """1 when a confirmed bug reaches `fail_on`, else 0."""
    if fail_on is None:
        return 0
    if fail_on not in LEVELS:
        raise UsageError(f"--fail-on: {fail_on!r} is not one of {', '.join(LEVELS)}")
    return int(any(LEVELS.index(bug["severity"]) >= LEVELS.index(fail_on) for bug in bugs(workspace) if bug["severity"] in LEVELS))
