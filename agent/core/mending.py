"""Repairs a stopped run from what is sound: what is damaged is put aside, told, and made again by the mission itself."""

import contextlib
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.core.checkpoint_store import CheckpointStore
from agent.core.errors import WorkspaceUnwritable
from agent.core.files import write_json
from agent.core.integrity import CALLS, CONFIG, Checked, Problem, check_run
from agent.core.journal import enter_adopted
from agent.core.known import VOIDED
from agent.core.ledger_repair import RepairableLedger
from agent.core.workspace import PROJECTIONS, Workspace
from agent.core.written import sha256_of

ASIDE = "damaged"
LEFT = ("ledger.jsonl", *PROJECTIONS)
"""Repaired in their place, unless they are no files at all."""
NAMED = 12
"""Damaged files that are told one by one."""


def mend(workspace: Workspace, store: CheckpointStore) -> list[str]:
    """Check a run and repair it; what was damaged, and what a person typed in, one line each. The caller holds the run's lock.

    Raises:
        WorkspaceUnwritable: something cannot be put aside.
    """
    checked = check_run(workspace, store)
    try:
        if checked.damage:
            store.forget()  # first, so that a kill on the way leaves a run that is walked from its start
            _put_aside(workspace, checked)
        _drop(workspace, checked.superseded)
        notes = _mend_ledger(workspace, checked)
    except OSError as error:
        hint = "Fix the permissions, then run `python -m agent --resume`."
        raise WorkspaceUnwritable(f"cannot repair {error.filename or workspace.root}: {error.strerror}", hint=hint) from error
    return [*_told(checked.damage), *notes]


def _told(damage: Sequence[Problem]) -> list[str]:
    """What was damaged, the first few by name."""
    lines = [f"damaged: {problem.line}" for problem in damage[:NAMED]]
    return lines + ([f"damaged: {len(damage) - NAMED} more files"] if len(damage) > NAMED else [])


def _put_aside(workspace: Workspace, checked: Checked) -> None:
    """Move what is damaged to `damaged/`, and markers and files of the calls that are to be made again."""
    damage = checked.damage
    for problem in damage:
        path = workspace.root / problem.path
        if problem.path not in LEFT or path.is_symlink() or path.is_dir():
            _moved(workspace, _link_or_file(workspace.root, problem.path))
    again = {call for problem in damage for call in problem.calls}
    for name in (*(f"{CALLS}/{call}.json" for call in again), *(path for path, call in checked.owners.items() if call in again)):
        _moved(workspace, _link_or_file(workspace.root, name))
    if any(problem.path == CONFIG for problem in damage) and (config := check_run(workspace).known.config):
        write_json(workspace.root / CONFIG, config)


def _link_or_file(root: Path, relative: str) -> str:
    """The path itself, or the link on its way: nothing outside of the run is moved."""
    parts = Path(relative).parts
    ways = ("/".join(parts[:number]) for number in range(1, len(parts)))
    return next((way for way in ways if (root / way).is_symlink()), relative)


def _moved(workspace: Workspace, relative: str) -> None:
    path = workspace.root / relative
    if not os.path.lexists(path):
        return
    place = workspace.root / ASIDE / f"{time.time_ns()}" / relative
    place.parent.mkdir(parents=True, exist_ok=True)
    path.rename(place)


def _drop(workspace: Workspace, calls: Iterable[str]) -> None:
    """Forget calls whose files belong to a later call by now."""
    for call in calls:
        with contextlib.suppress(FileNotFoundError):
            (workspace.root / CALLS / f"{call}.json").unlink()


def _mend_ledger(workspace: Workspace, checked: Checked) -> tuple[str, ...]:
    """Make the ledger whole, enter what it lost, note what is not to be believed any more; remarks, one line each."""
    ledger = RepairableLedger(workspace.root)
    ledger.repair()
    again = {call for problem in checked.damage for call in problem.calls}
    sound = {call: marker for call, marker in checked.markers.items() if call not in again}
    ledger.restore(sound)
    for call in checked.unlisted:
        if call in sound and call not in checked.superseded:
            enter_adopted(ledger, sound[call], sha256_of(workspace.root / f"{CALLS}/{call}.json"))
    calls = sorted(again | set(checked.superseded))
    phases = sorted({problem.phase for problem in checked.damage if problem.phase})
    files = sorted(p.path for p in checked.damage if p.path in checked.known.files and p.path != CONFIG)
    if calls or phases or files:
        ledger.append(VOIDED, str(time.time_ns()), {"calls": calls, "phases": phases, "files": files})
    if any(problem.path in PROJECTIONS or problem.path == "ledger.jsonl" for problem in checked.problems):
        return ledger.project()
    return ()
