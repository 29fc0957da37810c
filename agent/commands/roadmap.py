"""Looks at the roadmap: shows an entry, checks them all, prints the page of the whole; `roadmap_list` lists them."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence

from agent.commands.roadmap_list import listed, selected
from agent.core.errors import AgentError, UsageError
from agent.core.roadmap import Heading, headings, known_id, load_entry
from agent.core.settings import Settings


def roadmap(args: argparse.Namespace, settings: Settings) -> int:
    """Dispatch by the first word."""
    what, *rest = args.words or ["list"]
    if (what in ("list", "page") and rest) or len(rest) > 1 or (what == "show" and not rest):
        raise UsageError(f"roadmap {' '.join(args.words)}: not a way to ask", hint="list, show ID, validate [ID], page, or an ID.")
    chosen = selected(args, settings.places)
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
