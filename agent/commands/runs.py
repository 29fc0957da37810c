"""Finds runs and tells where they stand."""

from pathlib import Path
from typing import Any

from agent.core.artifacts import RECORDS
from agent.core.errors import NothingToResume, RunDamaged
from agent.core.finding_rows import finding_rows
from agent.core.known import known_of
from agent.core.ledger_repair import RepairableLedger
from agent.core.phase_names import is_whole
from agent.core.records import finished_phases
from agent.core.workspace import Workspace, list_runs

FORMAT = 2
"""Of run folders: 2 since commit markers name the files of their call with hashes."""
NEEDED = ("entry", "target", "target_version", "identity")
"""Without these a configuration is of no use."""


def find_run(name: str, runs: Path) -> Workspace:
    """A run by path, by `<ENTRY>/<run>`, by run name, or an entry's newest; the newest of all for an empty name.

    Raises:
        NothingToResume: no run, or several runs, are called that.
    """
    every = list_runs(runs)
    wanted = Path(name)
    matches = [w for w in every if name and (w.root == wanted.resolve() or name in (w.root.name, f"{w.root.parent.name}/{w.root.name}"))]
    matches = matches or [w for w in every if w.root.parent.name == name.upper() or not name][-1:]
    if len(matches) != 1:
        problem = "names several runs" if matches else "names no run" if name else "there is no run"
        raise NothingToResume(f"{name!r} {problem}" if name else problem, hint="List them with `python -m agent runs`.")
    return matches[0]


def name_of(workspace: Workspace) -> str:
    """`<ENTRY>/<run>`."""
    return workspace.name


def latest_stopped(runs: Path) -> Workspace:
    """The newest run that is not finished.

    Raises:
        NothingToResume: every run is finished, or there is none.
    """
    for workspace in reversed(list_runs(runs)):
        if not is_finished(workspace) and config_of(workspace).get("format") == FORMAT:
            return workspace
    raise NothingToResume("there is no stopped run", hint="Start one with `python -m agent --entry FIN-001`.")


def config_of(workspace: Workspace) -> dict[str, Any]:
    """The run's configuration as the ledger or else the file has it; empty when it never got that far or both are damaged."""
    if config := known_of(RepairableLedger(workspace.root).whole()).config:
        return config
    try:
        found = workspace.read_json("config/run_config.json")
    except RunDamaged:
        return {}
    return found if isinstance(found, dict) and set(NEEDED) <= found.keys() else {}


def check_format(workspace: Workspace, config: dict[str, Any]) -> None:
    """See that a run can go on.

    Raises:
        RunDamaged: its configuration is lost, or it was made by another version.
    """
    anew = f"Start a new run: `python -m agent --entry {workspace.root.parent.name} --new`; report, findings and trace still show this one."
    if not config:
        raise RunDamaged(f"{workspace.name}: config/run_config.json cannot be used, and the ledger does not know it", hint=anew)
    if (found := config.get("format", 1)) != FORMAT:
        raise RunDamaged(f"{workspace.name} has format {found} of a run folder, this version goes on with format {FORMAT}", hint=anew)


def is_empty(workspace: Workspace) -> bool:
    """It was stopped before anything was decided: no configuration was ever written, and nothing was recorded."""
    return not any(workspace.path(name).exists() for name in ("config/run_config.json", "ledger.jsonl"))


def is_finished(workspace: Workspace) -> bool:
    """All seven records and the report of the whole are there."""
    return len(finished_phases(workspace)) == len(RECORDS) and is_whole(workspace.path("FINAL_REPORT.md"))


def bugs(workspace: Workspace) -> list[dict[str, Any]]:
    """Confirmed bugs of a run."""
    return finding_rows(workspace, "bug")
