"""Lists the entries of the roadmap; imports little, so that whoever asks has the list at once."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.commands.options import ROADMAP_FILTERS as FILTERS
from agent.core.environment import Places
from agent.core.errors import UsageError
from agent.core.phase_names import PHASE_NAMES, is_whole
from agent.core.roadmap_headings import heading_rows

STATES = ("not run", "stopped", "finished")
"""Of an entry's newest run; one that is under way counts as stopped."""


def selected(args: argparse.Namespace, places: Places) -> list[dict[str, Any]]:
    """Headings and states of the entries that the filters let through.

    Raises:
        UsageError: a filter names something that no entry has.
    """
    states = states_of(places.runs)
    rows = [row | {"state": states.get(row["id"], "not run")} for row in heading_rows(places.project / "docs/roadmap", places.cache)]
    for name in FILTERS:
        if wanted := getattr(args, name):
            known = {str(row[name]).lower() for row in rows} | ({*STATES} if name == "state" else set())
            asked = {part.strip().lower() for part in wanted.split(",")}
            if unknown := sorted(asked - known):
                raise UsageError(f"--{name}: no entry has {', '.join(unknown)}", hint=f"There are: {', '.join(sorted(known))}.")
            rows = [row for row in rows if str(row[name]).lower() in asked]
            if not rows:
                break
    return rows


def states_of(runs: Path) -> dict[str, str]:
    """Where the newest run of every entry stands."""
    found: dict[str, str] = {}
    for folder in sorted(runs.glob("*/run-*"), key=lambda path: path.name):
        ended = all((folder / f"results/records/{phase}.json").exists() for phase in PHASE_NAMES) and is_whole(folder / "FINAL_REPORT.md")
        found[folder.parent.name] = "finished" if ended else "stopped"
    return found


def listed(rows: Sequence[dict[str, Any]], as_json: bool) -> int:
    """Entries as a table or as JSON."""
    if as_json:
        sys.stdout.write(json.dumps(list(rows), indent=2, ensure_ascii=False) + "\n")
        return 0
    sys.stdout.write(columns(rows, ("id", "title", "tier", "area", "priority", "risk", "industry", "deployment", "state")))
    sys.stdout.write(f"{len(rows)} {'entry' if len(rows) == 1 else 'entries'}\n")
    return 0


def columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """Rows as plain lines, with their names on top; of any width, for `grep` and `less -S`."""
    widths = {name: max(len(name), *(len(str(row[name])) for row in rows)) if rows else 0 for name in names}
    lines = ("  ".join(str(row[name]).ljust(widths[name]) for name in names).rstrip() for row in ({name: name for name in names}, *rows))
    return "".join(f"{line}\n" for line in lines) if rows else ""
