"""Runs one mission, new or stopped, to its end."""

import contextlib
import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.commands.conditions import environment, identity
from agent.commands.runs import FORMAT, bugs, check_format, config_of, find_run, is_empty, is_finished, latest_stopped
from agent.commands.stopping import fit_for_work, limit_behind, out_of_time, partial_report, stoppable, with_the_way_on
from agent.core.checkpoint_store import CheckpointStore, can_be_had, store_of
from agent.core.errors import UsageError
from agent.core.harmless import json_text
from agent.core.integrity import check_run
from agent.core.known import PREPARED, WRITTEN
from agent.core.ledger import Ledger
from agent.core.locks import folder_lock, run_lock
from agent.core.mending import mend
from agent.core.prompts import rendered_prompts
from agent.core.roadmap import Entry, load_entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.workspace import Workspace, create_run, list_runs
from agent.core.written import text_hash
from agent.court.severity import LEVELS
from agent.models.providers import validate
from agent.reporting.progress import resume_command
from tools.sandbox import choose
from tools.targets import resolve
from tools.web_search import checked_provider


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
            # LangGraph takes half a second to import: whoever is told before this that something is wrong does not wait for it.
            from agent.commands.walking import walked

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


def exit_code(workspace: Workspace, fail_on: str | None) -> int:
    """1 when a confirmed bug reaches `fail_on`, else 0."""
    if fail_on is None:
        return 0
    if fail_on not in LEVELS:
        raise UsageError(f"--fail-on: {fail_on!r} is not one of {', '.join(LEVELS)}")
    return int(any(LEVELS.index(bug["severity"]) >= LEVELS.index(fail_on) for bug in bugs(workspace) if bug["severity"] in LEVELS))
