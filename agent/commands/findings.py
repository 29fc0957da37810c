"""`python -m agent findings`: those of a run; `list`, `show`, `export`: those of all runs, each once."""

import argparse
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from agent.commands.tables import one_name, output
from agent.core.environment import Places
from agent.core.errors import UsageError
from agent.core.shown import shown, shown_data
from agent.reporting.campaign.folders import listed as folders_of

if TYPE_CHECKING:
    from agent.reporting.campaign.records import SeenFinding

KINDS = ("bug", "dx", "improvement", "strength")
"""In the order in which they are listed."""
TITLE = "Findings of all runs"
DEFECTS = "bug,dx"
SHORTEST = 4
"""Characters of an identity that are enough."""
HINT = "findings, findings RUN, findings list, findings show ID, findings export."
WAYS = ("list", "show", "export")
ONLY_OF_ALL = ("kind", "severity", "of_entry", "on_target", "all_sightings", "out")
"""Options that make no sense for one run."""


def findings(args: argparse.Namespace, places: Places) -> int:
    """Dispatch by the first word."""
    what, *rest = args.words or [""]
    if what not in WAYS:
        if astray := [name for name in ONLY_OF_ALL if getattr(args, name)]:
            named = ", ".join(f"--{name.removeprefix('of_').removeprefix('on_').replace('_', '-')}" for name in astray)
            raise UsageError(f"{named}: for list, show and export only", hint=HINT)
        from agent.commands.findings_of_run import of_run  # each way imports what it needs

        return of_run(one_name(args.words), places, args.json)
    if len(rest) != (what == "show"):
        raise UsageError(f"findings {' '.join(args.words)}: not a way to ask", hint=HINT)
    every = all_findings(places, args.on_target or "")
    if what == "show":
        return show(found(rest[0], every), args.json)
    chosen = selected(every, args)
    if what == "list":
        return listed(chosen, args)
    from agent.commands.findings_export import export

    return export(chosen, args, places)


def all_findings(places: Places, target: str) -> "Sequence[SeenFinding]":
    """Those of all runs; where there is no run, nothing is imported to read one."""
    if not target and not folders_of(places.runs):
        return ()
    from agent.reporting.campaign.seen import seen_findings

    return seen_findings(places.runs, target)


def selected(every: "Iterable[SeenFinding]", args: argparse.Namespace) -> "list[SeenFinding]":
    """The findings that the filters let through.

    Raises:
        UsageError: a filter names something that there cannot be.
    """
    kinds = words(args.kind or DEFECTS)
    if unknown := kinds - set(KINDS):
        raise UsageError(f"--kind: there is no {', '.join(sorted(unknown))}", hint=f"There are: {', '.join(KINDS)}.")
    levels, entries = words(args.severity or ""), words(args.of_entry or "")
    rows = [finding for finding in every if finding.kind in kinds]
    if levels:
        rows = [finding for finding in rows if finding.level.lower() in levels]
    if entries:
        rows = [finding for finding in rows if entries & {sighting.entry.lower() for sighting in finding.sightings}]
    return rows


def words(text: str) -> set[str]:
    """Words with commas between them."""
    return {part.strip().lower() for part in text.split(",") if part.strip()}


def listed(chosen: "Sequence[SeenFinding]", args: argparse.Namespace) -> int:
    """A table, or JSON."""
    if not chosen:
        output((), TITLE, args.json)
        return counted(chosen, args)
    from agent.reporting.campaign.tabular import as_json, rows

    if args.json:
        sys.stdout.write(shown_data(as_json(chosen)))
        return counted(chosen, args)
    wanted = (
        ("id", "severity", "entry", "id_there", "version", "title")
        if args.all_sightings
        else ("id", "severity", "entries", "sightings", "title")
    )
    told = [{name: row[name] for name in wanted} for row in rows(chosen, each=args.all_sightings)]
    if not args.all_sightings:
        told = [row | {"entries": str(len(row["entries"].split()))} for row in told]
    output(told, TITLE, as_json=False)
    return counted(chosen, args)


def counted(chosen: "Sequence[SeenFinding]", args: argparse.Namespace) -> int:
    """Tell people how many there are."""
    if not args.json:
        print(f"{len(chosen)} findings, seen {sum(len(finding.sightings) for finding in chosen)} times", file=sys.stderr)
    return 0


def found(name: str, every: "Iterable[SeenFinding]") -> "SeenFinding":
    """The finding of an identity or its start, or of an id in a run: `BUG-007`, `CORE-001/BUG-007`, `CORE-001/<run>/BUG-007`.

    Raises:
        UsageError: there is none, or there are several.
    """
    rows = list(every)
    exact = [finding for finding in rows if finding.id == name]
    near = exact or [finding for finding in rows if len(name) >= SHORTEST and finding.id.startswith(name)]
    matches = near or [finding for finding in rows if name.upper() in {part.upper() for part in names_of(finding)}]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise UsageError(f"no run has a finding {name}", hint="List them with `python -m agent findings list`.")
    some = ", ".join(f"{finding.id} ({finding.sightings[-1].entry})" for finding in matches[:5])
    raise UsageError(f"{name} names {len(matches)} findings: {some}", hint="Name one by its identity, or as ENTRY/RUN/ID.")


def names_of(finding: "SeenFinding") -> Collection[str]:
    """What it is called in the runs that have it."""
    return {name for one in finding.sightings for name in (one.id, f"{one.entry}/{one.id}", f"{one.entry}/{one.run}/{one.id}")}


def show(finding: "SeenFinding", as_data: bool) -> int:
    """All that is known of one."""
    if as_data:
        sys.stdout.write(shown_data(finding.model_dump_json(indent=2)) + "\n")
        return 0
    lines = [f"{finding.id}  {finding.kind}  {finding.level}", finding.title, f"component: {finding.component}"]
    lines += [f"probe: {finding.probe}"] if finding.probe else []
    lines += [f"{name.replace('_', ' ')}: {text}" for name, text in finding.words.items() if text]
    lines += [f"seen {len(finding.sightings)} times in {len(finding.entries)} entries:"]
    lines += [f"  {one.entry}/{one.run}/{one.id}  {one.at[:16]}  {one.version}  {one.proof or 'no proof'}" for one in finding.sightings]
    sys.stdout.write(shown("\n".join(lines)) + "\n")
    return 0
