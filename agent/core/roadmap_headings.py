"""Headings of the roadmap's entries as plain data: checked once, kept beside the hash of the files, and read without the records."""

from pathlib import Path
from typing import Any

from agent.core.remembered import key_of, remembered

RULES = tuple(Path(__file__).with_name(name) for name in ("roadmap.py", "roadmap_headings.py", "yaml_files.py"))
"""Code that the headings follow from."""


def heading_rows(folder: Path, cache: Path) -> list[dict[str, Any]]:
    """Every `Heading` of the roadmap in `folder`, in the order of the files.

    Raises:
        UsageError: see `agent.core.roadmap.headings`.
    """
    key = key_of(files=[*sorted(folder.glob("*.yaml")), *sorted((folder / "shared").glob("*.yaml")), *RULES])
    rows: list[dict[str, Any]] = remembered(cache / "headings", key, lambda: checked_rows(folder, cache))
    return rows


def checked_rows(folder: Path, cache: Path) -> list[dict[str, Any]]:
    """The same, read from the files."""
    from agent.core.roadmap import headings  # records take longer to import than the list to print

    return [row.model_dump() for row in headings(folder, cache)]
