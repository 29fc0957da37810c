"""`python -m agent findings`: those of a run; `list`, `show`, `export`: those of all runs, each once."""

import argparse
import importlib.util
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

from agent.commands.look import one_name, output
from agent.commands.runs import find_run
from agent.core.errors import RunDamaged, UsageError
from agent.core.files import write_atomic
from agent.core.finding_rows import finding_rows
from agent.core.findings import FindingKind
from agent.core.ledger import Ledger
from agent.core.ledger_repair import RepairableLedger
from agent.core.locks import held
from agent.core.settings import Settings
from agent.core.shown import shown, shown_data
from agent.core.target import package_fingerprint
from agent.core.workspace import Workspace
from agent.court.catalogue import load_catalogue
from agent.reporting.campaign.deduplication import KINDS
from agent.reporting.campaign.exporting import as_csv, as_json, as_markdown, as_sarif, rows
from agent.reporting.campaign.records import SeenFinding
from agent.reporting.campaign.site import now, present

LISTED: tuple[FindingKind, ...] = ("bug", "dx", "improvement", "strength")
DEFECTS = "bug,dx"
SHORTEST = 4
"""Characters of an identity that are enough."""
HINT = "findings, findings RUN, findings list, findings show ID, findings export."
WAYS = ("list", "show", "export")
ONLY_OF_ALL = ("kind", "severity", "of_entry", "on_target", "all_sightings", "out")
"""Options that make no sense for one run."""


def findings(args: argparse.Namespace, settings: Settings) -> int:
    """Dispatch by the first word."""
    what, *rest = args.words or [""]
    if what not in WAYS:
        if astray := [name for name in ONLY_OF_ALL if getattr(args, name)]:
            named = ", ".join(f"--{name.removeprefix('of_').removeprefix('on_').replace('_', '-')}" for name in astray)
            raise UsageError(f"{named}: for list, show and export only", hint=HINT)
        return of_run(one_name(args.words), settings, args.json)
    if len(rest) != (what == "show"):
        raise UsageError(f"findings {' '.join(args.words)}: not a way to ask", hint=HINT)
    every = present(settings, now(), args.on_target or "").findings
    if what == "show":
        return show(found(rest[0], every), args.json)
    chosen = selected(every, args)
    return listed(chosen, args) if what == "list" else export(chosen, args, settings)


def selected(every: Iterable[SeenFinding], args: argparse.Namespace) -> list[SeenFinding]:
    """The findings that the filters let through.

    Raises:
        UsageError: a filter names something that there cannot be.
    """
    kinds = words(args.kind or DEFECTS)
    if unknown := kinds - set(get_args(FindingKind)):
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


def listed(chosen: Sequence[SeenFinding], args: argparse.Namespace) -> int:
    """A table, or JSON."""
    if args.json:
        sys.stdout.write(shown_data(as_json(chosen)))
        return 0
    wanted = (
        ("id", "severity", "entry", "id_there", "version", "title")
        if args.all_sightings
        else ("id", "severity", "entries", "sightings", "title")
    )
    told = [{name: row[name] for name in wanted} for row in rows(chosen, each=args.all_sightings)]
    if not args.all_sightings:
        told = [row | {"entries": str(len(row["entries"].split()))} for row in told]
    output(told, "Findings of all runs", as_json=False)
    print(f"{len(chosen)} findings, seen {sum(len(finding.sightings) for finding in chosen)} times", file=sys.stderr)
    return 0


def found(name: str, every: Iterable[SeenFinding]) -> SeenFinding:
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


def names_of(finding: SeenFinding) -> Collection[str]:
    """What it is called in the runs that have it."""
    return {name for one in finding.sightings for name in (one.id, f"{one.entry}/{one.id}", f"{one.entry}/{one.run}/{one.id}")}


def show(finding: SeenFinding, as_data: bool) -> int:
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


def export(chosen: Sequence[SeenFinding], args: argparse.Namespace, settings: Settings) -> int:
    """Write them for another program."""
    match args.format:
        case "csv":
            text = as_csv(chosen, each=args.all_sightings)
        case "markdown":
            text = as_markdown(chosen)
        case "sarif":
            text = as_sarif(chosen, load_catalogue(settings.project / "components", settings.cache), package_of(chosen))
        case _:
            text = as_json(chosen)
    if args.out:
        write_atomic(args.out, text)
        print(f"{args.out}: {len(chosen)} findings", file=sys.stderr)
    else:
        sys.stdout.write(shown_data(text) if args.format in ("json", "sarif") else shown(text))
    return 0


def package_of(chosen: Iterable[SeenFinding]) -> Path | None:
    """The package they were all seen in last, when it is the one of this environment; places in a file of another would mislead.

    A run that has lost its configuration does not say what it was made on, and is not asked.
    """
    targets = {finding.sightings[-1].target for finding in chosen} - {""}
    spec = importlib.util.find_spec("stageflow")
    if spec is None or spec.origin is None or len(targets) != 1:
        return None
    package = Path(spec.origin).parent
    return package if package_fingerprint(package) in targets else None


def of_run(name: str, settings: Settings, as_json: bool) -> int:
    """Findings of a run."""
    workspace = find_run(name, settings.runs)
    for what in [] if held(workspace.root / "run.lock") else RepairableLedger(workspace.root).problems():
        print(f"note: {workspace.name}: ledger.jsonl {what}", file=sys.stderr)
    rows = []
    for kind in LISTED:
        for row in rows_of(workspace, kind):
            level = row.get("severity") or row.get("priority") or row.get("impact", "")
            rows.append(
                {
                    "id": row["id"],
                    "kind": kind,
                    "level": level,
                    "component": row.get("component", row.get("category", "")),
                    "title": row["title"],
                }
            )
    output(rows, f"Findings of {workspace.root.parent.name}/{workspace.root.name}", as_json)
    return 0


def rows_of(workspace: Workspace, kind: FindingKind) -> list[dict[str, Any]]:
    """The findings of a kind as their file has them; as the ledger has them where the file cannot be used, or lacks some."""
    try:
        logged = list(Ledger(workspace.root).findings(kind))
    except RunDamaged:
        logged = []
    try:
        rows = finding_rows(workspace, kind)
    except RunDamaged as error:
        print(f"note: {error}; these are the ledger's", file=sys.stderr)
        return logged
    if {row["id"] for row in logged} - {row["id"] for row in rows}:
        print(f"note: {workspace.name}: the file of kind {kind} lacks findings of the ledger; these are the ledger's", file=sys.stderr)
        return logged
    return rows
