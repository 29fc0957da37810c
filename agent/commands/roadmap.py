"""Looks at the roadmap: lists entries, shows one, checks them all, prints the page of the whole."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.commands.options import ROADMAP_FILTERS as FILTERS
from agent.core.artifacts import RECORDS
from agent.core.errors import AgentError, UsageError
from agent.core.roadmap import Heading, headings, known_id, load_entry
from agent.core.settings import Settings

STATES = ("not run", "stopped", "finished")
"""Of an entry's newest run; one that is under way counts as stopped."""


def roadmap(args: argparse.Namespace, settings: Settings) -> int:
    """Dispatch by the first word."""
    what, *rest = args.words or ["list"]
    if (what in ("list", "page") and rest) or len(rest) > 1 or (what == "show" and not rest):
        raise UsageError(f"roadmap {' '.join(args.words)}: not a way to ask", hint="list, show ID, validate [ID], page, or an ID.")
    chosen = selected(args, settings)
    match what:
        case "list":
            return listed(chosen, args.json)
        case "page":
            sys.stdout.write(page(headings(settings.project / "docs/roadmap", settings.cache)))
            return 0
        case "validate":
            return validate(rest, [row["id"] for row in chosen], settings, args.json)
        case _:
            entry = load_entry(settings.project / "docs/roadmap", rest[0] if what == "show" else what, settings.cache)
            sys.stdout.write(entry.model_dump_json(indent=2) + "\n")
            return 0


def selected(args: argparse.Namespace, settings: Settings) -> list[dict[str, Any]]:
    """Headings and states of the entries that the filters let through.

    Raises:
        UsageError: a filter names something that no entry has.
    """
    states = states_of(settings.runs)
    rows = [
        row.model_dump() | {"state": states.get(row.id, "not run")} for row in headings(settings.project / "docs/roadmap", settings.cache)
    ]
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
        ended = (folder / "FINAL_REPORT.md").exists() and all((folder / f"results/records/{phase}.json").exists() for phase in RECORDS)
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


def validate(wanted: Sequence[str], chosen: Sequence[str], settings: Settings, as_json: bool) -> int:
    """Expand entries and play their records in plain Python; 2 when something is wrong with one."""
    ids = [known_id([row.id for row in headings(settings.project / "docs/roadmap", settings.cache)], word) for word in wanted] or chosen
    found = {entry: problems for entry in ids if (problems := problems_in(entry, settings))}
    if as_json:
        sys.stdout.write(json.dumps({"checked": len(ids), "problems": found}, indent=2, ensure_ascii=False) + "\n")
    else:
        for entry, problems in found.items():
            sys.stdout.write("".join(f"{entry}: {problem}\n" for problem in problems))
        sys.stdout.write(f"{len(ids)} checked, {len(found)} with problems\n")
    return 2 if found else 0


def problems_in(entry_id: str, settings: Settings) -> list[str]:
    """What is wrong with one entry, in words."""
    from agent.workload import pipeline_code, pipeline_tests
    from agent.workload.rehearsal import problems_of

    try:
        entry = load_entry(settings.project / "docs/roadmap", entry_id, settings.cache)
        found = problems_of(entry)
        pipeline_code(entry)
    except AgentError as error:
        return [str(error)]
    tests = {test.id for test in pipeline_tests(entry)}
    places = [c.metric for c in entry.success_criteria] + [check for h in entry.hypotheses for check in h.checks]
    return found + [f"{place}: there is no such test in its pipelines" for place in places if place.partition(":")[0] not in tests]


def page(rows: Iterable[Heading]) -> str:
    """The text of docs/roadmap/ROADMAP.md."""
    areas: dict[tuple[int, str], list[Heading]] = defaultdict(list)
    for row in rows:
        areas[row.tier, row.area].append(row)
    total = sum(map(len, areas.values()))
    names = {area for _, area in areas}
    lines = [
        "# Roadmap",
        "",
        f"{total} entries in {len(names)} areas. Rendered by `python -m agent roadmap page`; a test compares the two.",
        "",
    ]
    lines.append("Tiers are explained in [the mission brief](mission-brief.md); an entry in full: `python -m agent roadmap show ID`.")
    for (tier, area), found in sorted(areas.items(), key=lambda item: item[0][0]):
        lines += [
            "",
            f"## Tier {tier}: {area}",
            "",
            "| id | title | priority | risk class | industry | deployment |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {r.id} | {r.title} | {r.priority} | {r.risk} | {r.industry} | {r.deployment} |" for r in sorted(found, key=lambda r: r.id)
        ]
    return "\n".join(lines) + "\n"
