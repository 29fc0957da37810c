"""The findings of all runs, without what else a campaign tells."""

from pathlib import Path

from agent.reporting.campaign.deduplication import deduplicated
from agent.reporting.campaign.folders import listed
from agent.reporting.campaign.records import SeenFinding
from agent.reporting.campaign.run_findings import FindingsOnce, view_of
from agent.reporting.campaign.standing import on_target, runs_by_entry, stands_for


def seen_findings(runs: Path, target: str = "") -> tuple[SeenFinding, ...]:
    """Every finding once, as the campaign of the same runs has them.

    Args:
        runs: the folder of runs.
        target: only runs on this version or fingerprint; empty: all.

    Raises:
        UsageError: no run is of that target.
    """
    views = [view_of(FindingsOnce(run.root)) for run in listed(runs)]
    by_entry = runs_by_entry(on_target(views, runs, target))
    ordered = (view for found in by_entry.values() for view in found)
    return deduplicated(ordered, {stands_for(found).name for found in by_entry.values()})
