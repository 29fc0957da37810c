"""`python -m agent runs verify [RUN]`: is a run folder what its mission left, and what will be done where it is not?"""

import json
import sys
from collections.abc import Iterable

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from agent.commands.runs import check_format, config_of, find_run
from agent.core.checkpoint_store import store_of
from agent.core.errors import RunDamaged, RunLocked
from agent.core.integrity import Checked, Problem, check_run
from agent.core.locks import held
from agent.core.settings import Settings
from agent.core.workspace import Workspace

WIDTH = 140
"""Columns when nobody watches."""
LEFT_ALONE = 5
"""Unknown files that are named one by one."""


def verify_run(name: str, settings: Settings, as_json: bool) -> int:
    """Check one run; 0 sound, 1 damaged.

    Raises:
        RunLocked: a process works on it.
    """
    workspace = find_run(name, settings.runs)
    if held(workspace.root / "run.lock"):
        raise RunLocked(f"a process works on {workspace.name}: its files are on the move", hint="Wait for it, or stop it.")
    checked = check_run(workspace, store_of(workspace, config_of(workspace), settings))
    problems = [*format_problem(workspace), *checked.problems]
    damaged = any(not problem.harmless for problem in problems)
    if as_json:
        rows = [{"path": p.path, "what": p.what, "cure": p.cure, "damage": not p.harmless} for p in problems]
        told = {"run": workspace.name, "sound": not damaged, "hashed": checked.hashed, "problems": rows}
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    else:
        shown(workspace, problems, checked)
    return int(damaged)


def format_problem(workspace: Workspace) -> Iterable[Problem]:
    """A run that cannot go on."""
    try:
        check_format(workspace, config_of(workspace))
    except RunDamaged as error:
        yield Problem("config/run_config.json", "is of no use for a resume", f"{error}. {error.hint}")


def shown(workspace: Workspace, problems: list[Problem], checked: Checked) -> None:
    """A table of what is damaged, and one line for the rest."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    damage = [problem for problem in problems if not problem.harmless]
    harmless = [problem for problem in problems if problem.harmless]
    table = Table("file", "what is wrong", "what a resume does", box=MARKDOWN)
    for problem in damage:
        table.add_row(*(text.replace("[", "\\[") for text in (problem.path, problem.what, problem.cure)))
    if damage:
        console.print(table)
    for problem in harmless[:LEFT_ALONE]:
        console.print(f"note: {problem.line}", markup=False, highlight=False, soft_wrap=True)
    if len(harmless) > LEFT_ALONE:
        console.print(f"note: {len(harmless) - LEFT_ALONE} more such files; --json names them", highlight=False)
    state = f"{len(damage)} damaged; `python -m agent --resume {workspace.name}` repairs it" if damage else "sound"
    console.print(f"{workspace.name}: {state}; {checked.hashed} files compared with their hash", highlight=False, soft_wrap=True)
