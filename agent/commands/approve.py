"""`python -m agent approve RUN`: what a mission waits for, allowed or rejected; then the mission goes on."""

import sys
from pathlib import Path

from agent.commands.asking import described
from agent.commands.mission import resume
from agent.commands.runs import config_of, find_run, is_finished
from agent.core.approvals import Approval, decided, open_question
from agent.core.errors import NothingToResume
from agent.core.locks import run_lock
from agent.core.settings import Settings
from agent.core.shown import shown
from agent.core.workspace import Workspace, list_runs
from agent.reporting.screen import Screen


def approve(run: str, reject: str | None, show: bool, settings: Settings) -> int:
    """Keep the decision and go on; only show with `show`.

    Raises:
        NothingToResume: there is no such run, or it waits for nobody.
    """
    workspace = find_run(run, settings.runs) if run else latest_waiting(settings.runs)
    if show:
        sys.stdout.write(shown(described(question(workspace))) + "\n")
        return 0
    with run_lock(workspace.path("run.lock")):
        decided(workspace, question(workspace), allowed=reject is None, why=reject or "")
    return resume(str(workspace.root), with_models_of(workspace, settings), fail_on=None, console=Screen())


def question(workspace: Workspace) -> Approval:
    """What a run waits for.

    Raises:
        NothingToResume: nothing.
    """
    found = None if is_finished(workspace) else open_question(workspace)
    if found is None:
        raise NothingToResume(f"{workspace.root.name} waits for nobody", hint="A stopped run goes on with --resume.")
    return found


def latest_waiting(runs: Path) -> Workspace:
    """The newest run that waits.

    Raises:
        NothingToResume: none does.
    """
    found = next((w for w in reversed(list_runs(runs)) if not is_finished(w) and open_question(w)), None)
    if found is None:
        raise NothingToResume("no run waits for anybody", hint="List them with `python -m agent runs`.")
    return found


def with_models_of(workspace: Workspace, settings: Settings) -> Settings:
    """The settings, with the models that the run was started with when none are named now."""
    used = config_of(workspace).get("models", {})
    if settings.providers or not used.get("providers"):
        return settings
    paths = {name: Path(used[name]) for name in ("script", "cassette") if used[name]}
    return settings.model_copy(update={"providers": tuple(used["providers"]), "model": used["model"], **paths})
