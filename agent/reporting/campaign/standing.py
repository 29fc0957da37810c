"""Which runs a campaign looks at, and which of them stands for its entry."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.core.errors import UsageError
from agent.reporting.campaign.views import RunView


def runs_by_entry(views: Iterable[RunView]) -> dict[str, list[RunView]]:
    """The runs of every entry, oldest first."""
    found: dict[str, list[RunView]] = {}
    for view in sorted(views, key=lambda view: (view.entry, view.run)):
        found.setdefault(view.entry, []).append(view)
    return found


def stands_for(runs: Sequence[RunView]) -> RunView:
    """The newest finished run of an entry; without one, the newest that holds anything; runs are given oldest first."""
    finished = [run for run in runs if run.finished]
    begun = [run for run in runs if run.phases or run.rows]
    return (finished or begun or runs)[-1]


def on_target(views: Sequence[RunView], runs: Path, target: str) -> Sequence[RunView]:
    """Those made on a version or fingerprint; all of them when none is named.

    Raises:
        UsageError: no run is of that target.
    """
    chosen = [view for view in views if not target or of_target(view, target)]
    if target and not chosen:
        known = sorted({view.version for view in views})
        raise UsageError(f"no run in {runs} was made on {target}", hint=f"There are runs on: {', '.join(known) or 'nothing'}.")
    return chosen


def of_target(view: RunView, target: str) -> bool:
    """Whether a run was made on a version or fingerprint."""
    return target in (view.version, view.target)
