"""The tool that runs probes of the library in a mission, and searches beyond their fixed cases."""

import datetime as dt
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field

from agent.core.artifacts import Sighting, Verdict
from agent.core.harmless import json_lines
from agent.core.tool import Record, Tool, ToolContext
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.discovery import Budget, completed, recheck, searched_rows
from agent.court.shared import LOOK, PATIENCE, ProbeShelf, makes, patterns, probe_place, put, put_pattern, run_name, taken
from agent.court.trials import CaseVerdict, run_controls, run_jobs, smallest, tally
from tools.run_code import packed

DEADLINE = 150.0
"""Real seconds for all probes of one call; what has not run by then is unknown."""


ABREAST = 20
"""Probes that a mission plays before it looks again what others have left on the shelf."""


class RunProbes(Record):
    """Arguments of `run_probes`."""

    name: str
    """Name of the test; its verdicts go to `results/metrics/<name>.json`, its log to `results/logs/`."""
    probes: tuple[str, ...]
    """Probe ids, `<area>/<name>`."""
    search: float = 0.0
    """Real seconds for a search beyond the fixed cases, by the probes that can be explored."""
    seed: int = 0
    """Of that search."""


class ProbesRan(Record):
    """Result of `run_probes`."""

    file: str
    """Verdicts of all cases, controls included, relative to the run."""
    log: str
    """What the cases printed and logged, relative to the run."""
    checks: dict[Verdict, int]
    """Cases per verdict, controls left out."""
    examples: int
    """Cases drawn by the search."""
    borrowed: dict[str, int] = Field(default_factory=dict)
    """Probes whose fixed cases had been played by another run of the same batch, by its name."""
    tried: dict[str, int] = Field(default_factory=dict)
    """Cases that searches of other runs of the same batch had found violated and that were played here, by the run that found them."""
    sightings: tuple[Sighting, ...]
    """One per probe and component with a violated case."""


def concatenated(logs: Path, header: dict[str, Any]) -> str:
    """One log text out of the per-case files, with the configuration on top."""
    parts = [f"# {key}: {value}" for key, value in header.items()]
    for file in sorted(logs.glob("*.log")):
        if text := file.read_text(encoding="utf-8", errors="replace").strip():
            parts += [f"# case {file.stem}", text]
    return "\n".join(parts) + "\n"


def run(args: RunProbes, context: ToolContext) -> ProbesRan:
    """Run the probes, search, play the controls of what is violated; keep verdicts and logs in the run folder."""
    assert context.workspace and context.target
    catalogue = load_catalogue(context.settings.project / "components", context.settings.cache)
    cards = [catalogue[p] for p in args.probes]
    context.settings.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=context.settings.cache, ignore_cleanup_errors=True) as scratch:
        logs = Path(scratch)
        rows, borrowed = fixed_rows(cards, context, logs)
        searched = searched_rows(cards, context, Budget(DEADLINE, args.search, args.seed))
        tried, finders = tried_rows(cards, searched.rows, context)
        beyond = [*searched.rows, *tried]
        controls = run_controls([row for row in beyond if row.verdict == "violated"], context, deadline=DEADLINE)
        leave_patterns(searched.rows, controls, context)
        rows += [*beyond, *controls]
        header = {"test": args.name, "target": context.target.fingerprint, "probes": len(args.probes), "cases": len(rows)}
        header |= {"cases drawn by the search": searched.examples, "seed": args.seed}
        header |= {f"{n} probes taken over from": run for run, n in borrowed.items()}
        text = concatenated(logs, header | {f"{n} failure patterns tried from": run for run, n in finders.items()})
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    log = packed(context.workspace.write(f"results/logs/{args.name}_{stamp}.log", text))
    if searched.coverage:
        context.workspace.write_json(f"results/coverage/{args.name}.json", searched.coverage)
    file = context.workspace.write(f"results/metrics/{args.name}.json", json_lines(row.model_dump(mode="json") for row in rows))
    return ProbesRan(
        file=context.workspace.relative(file),
        log=context.workspace.relative(log),
        checks=tally(rows),
        examples=searched.examples,
        borrowed=borrowed,
        tried=finders,
        sightings=tuple(Sighting(key=row.key, case=row.case, origin="probe") for row in smallest(rows)),
    )


def fixed_rows(cards: list[ProbeCard], context: ToolContext, logs: Path) -> tuple[list[CaseVerdict], dict[str, int]]:
    """The fixed cases and the controls of those that are violated, and how many probes were taken over from which run."""
    places = {card.id: probe_place(card, context) for card in cards}
    rows: list[CaseVerdict] = []
    made_in: Counter[str] = Counter()
    left, seconds, until = cards, DEADLINE, time.monotonic() + PATIENCE
    while left:
        known = {card.id: kept for card in left if (kept := taken(places[card.id], ProbeShelf))}
        rows += take_over(known.values(), logs)
        made_in.update(kept.made_in for kept in known.values())
        missing = [card for card in left if card.id not in known]
        with makes((place for card in missing if (place := places[card.id])), ABREAST) as ours:
            free = {card.id for card in missing if (place := places[card.id]) is None or (place in ours and not taken(place, ProbeShelf))}
            mine = [card for card in missing if card.id in free or time.monotonic() > until]
            began = time.monotonic()
            rows += fresh_rows(mine, context, logs, seconds)
            seconds = max(1.0, seconds - (time.monotonic() - began))
        left = [card for card in missing if card not in mine]
        if known or mine:
            until = time.monotonic() + PATIENCE
        elif left:
            time.sleep(LOOK)
    return rows, dict(made_in)


def fresh_rows(cards: list[ProbeCard], context: ToolContext, logs: Path, seconds: float) -> list[CaseVerdict]:
    """Verdicts of fixed cases played now, and of the controls of violated ones; left on the shelf."""
    if not cards:
        return []
    fresh = completed(*run_jobs([{"probe": card.id} for card in cards], context, logs=logs, deadline=seconds), cards)
    controls = run_controls([row for row in fresh if row.verdict == "violated"], context, deadline=seconds)
    for card in cards:
        shelve(card, fresh, controls, context, logs)
    return [*fresh, *controls]


def take_over(shelved: Iterable[ProbeShelf], logs: Path) -> list[CaseVerdict]:
    """Verdicts from the shelf; their logs go to those of this run."""
    rows: list[CaseVerdict] = []
    for kept in shelved:
        rows += [*kept.rows, *kept.controls]
        for name, text in kept.logs.items():
            (logs / name).write_text(text, encoding="utf-8")
    return rows


def tried_rows(cards: list[ProbeCard], searched: list[CaseVerdict], context: ToolContext) -> tuple[list[CaseVerdict], dict[str, int]]:
    """Failure patterns that other missions found, played here, and how many of which run; without those that the search found itself."""
    own = {(row.probe, row.case) for row in searched}
    new = [pattern for pattern in patterns(cards, context) if (pattern.row.probe, pattern.row.case) not in own]
    rows = recheck([pattern.row for pattern in new], context, seconds=DEADLINE)
    return rows, dict(Counter(pattern.made_in for pattern in new))


def leave_patterns(searched: list[CaseVerdict], controls: list[CaseVerdict], context: ToolContext) -> None:
    """Leave what a search found violated, and whose control holds, for missions to come."""
    sound = {(row.probe, row.case) for row in controls if row.verdict == "holds"}
    for row in searched:
        if row.verdict == "violated" and (row.probe, row.case) in sound:
            put_pattern(row, context)


def shelve(card: ProbeCard, rows: list[CaseVerdict], controls: list[CaseVerdict], context: ToolContext, logs: Path) -> None:
    """Leave a probe's verdicts for other missions, when all of them are known."""
    place = probe_place(card, context)
    own, checked = ([row for row in found if row.probe == card.id] for found in (rows, controls))
    complete = len(checked) == sum(row.verdict == "violated" for row in own)
    if place is None or not complete or any(row.verdict == "unknown" for row in (*own, *checked)):
        return
    files = sorted(logs.glob(f"{card.id.replace('/', '.')}--*.log"))
    texts = {file.name: file.read_text(encoding="utf-8", errors="replace") for file in files}
    put(place, ProbeShelf(made_in=run_name(context), rows=tuple(own), controls=tuple(checked), logs=texts), context)


TOOL = Tool("run_probes", "run probes of the library against the target", RunProbes, ProbesRan, run, needs_target=True, needs_run=True)
