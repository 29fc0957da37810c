"""Which missions a batch is to do, and in which order: what matters most for each minute it takes comes first."""

import random
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from agent.commands.runs import config_of, is_finished
from agent.core.batch import Ended
from agent.core.errors import UsageError
from agent.core.record import Record
from agent.core.roadmap import Heading
from agent.core.workspace import Workspace, list_runs

PRIORITY = {"P0": 4.0, "P1": 2.0, "P2": 1.0}
RISK = {"Catastrophic": 5.0, "Severe": 4.0, "High": 3.0, "Moderate": 2.0, "Low": 1.0}
"""Value of an entry is the product of the two; what counts are the ratios."""
UNKNOWN_SECONDS = 120.0
"""Of a mission, as long as none has finished here."""
DONE = "finished"


class Planned(Record):
    """A mission that a batch would do."""

    entry: str
    title: str
    area: str
    priority: str
    risk: str
    state: str
    """Of the entry on this target: `not run`, `stopped` (goes on where it was), `failed`, or `finished` (is done again)."""
    value: float
    seconds: float
    """Estimated."""


def states(runs: Path, fingerprint: str, ended: Sequence[Ended]) -> dict[str, str]:
    """Where every entry that was ever begun stands on a target."""
    found: dict[str, str] = {}
    for workspace in list_runs(runs):
        if config_of(workspace).get("identity", {}).get("target") == fingerprint:
            found[workspace.root.parent.name] = DONE if is_finished(workspace) else "stopped"
    last = {row.entry: row for row in ended if row.target == fingerprint}
    return found | {entry: "failed" for entry, row in last.items() if row.outcome == "failed" and found.get(entry) != DONE}


def seconds_of(ended: Sequence[Ended]) -> dict[str, float]:
    """How long the last whole mission of each entry took; under an empty id, what to expect of the others."""
    known = {row.entry: row.seconds for row in ended if row.outcome == "finished"}
    return known | {"": median(known.values()) if known else UNKNOWN_SECONDS}


def planned(rows: Sequence[Heading], state: dict[str, str], seconds: dict[str, float], redo: str) -> list[Planned]:
    """What is to do among the entries, the most valuable for its time first.

    Args:
        rows: the entries to choose from.
        state: of each entry that was begun, see `states`.
        seconds: estimates, see `seconds_of`.
        redo: `failed` also takes what failed, `all` takes everything, empty takes what is missing.
    """
    skipped = {"": (DONE, "failed"), "failed": (DONE,), "all": ()}[redo]
    chosen = []
    for row in rows:
        now = state.get(row.id, "not run")
        if now in skipped:
            continue
        value = PRIORITY[row.priority] * RISK[row.risk]
        fields = row.model_dump(include={"title", "area", "priority", "risk"})
        chosen.append(Planned(entry=row.id, state=now, value=value, seconds=seconds.get(row.id, seconds[""]), **fields))
    return sorted(chosen, key=lambda one: (-one.value / one.seconds, one.entry))


def limited(chosen: list[Planned], shuffle: int | None, limit: int | None) -> list[Planned]:
    """The first ones, in the order of value or shuffled by a seed."""
    if limit is not None and limit < 1:
        raise UsageError(f"--limit {limit}: at least 1")
    order = random.Random(shuffle).sample(chosen, len(chosen)) if shuffle is not None else chosen
    return order[:limit]


def newest_run(runs: Path, entry: str) -> Workspace | None:
    """The newest run of an entry; None when it was never begun."""
    return next((workspace for workspace in reversed(list_runs(runs)) if workspace.root.parent.name == entry), None)
