"""Which run folders a campaign looks at; imports little, so that nobody waits who has none."""

from pathlib import Path

from agent.core.workspace import Workspace, list_runs


def listed(runs: Path) -> list[Workspace]:
    """The run folders that are inside of the folder, not behind a link."""
    root = runs.resolve()
    return [run for run in list_runs(runs) if run.root.is_relative_to(root) and run.root.is_dir()]
