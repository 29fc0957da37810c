"""The tool that runs probes of the library in a mission, and searches beyond their fixed cases."""

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from agent.core.artifacts import Sighting, Verdict
from agent.core.tool import Record, Tool, ToolContext
from agent.court.catalogue import load_catalogue
from agent.court.discovery import Budget, completed, searched_rows
from agent.court.trials import run_controls, run_jobs, smallest, tally

DEADLINE = 150.0
"""Real seconds for all probes of one call; what has not run by then is unknown."""


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
    catalogue = load_catalogue(context.settings.project / "components")
    cards = [catalogue[p] for p in args.probes]
    context.settings.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=context.settings.cache) as scratch:
        logs = Path(scratch)
        rows = completed(*run_jobs([{"probe": card.id} for card in cards], context, logs=logs, deadline=DEADLINE), cards)
        searched = searched_rows(cards, context, Budget(DEADLINE, args.search, args.seed))
        rows += searched.rows
        rows += run_controls([row for row in rows if row.verdict == "violated"], context, deadline=DEADLINE)
        header = {"test": args.name, "target": context.target.fingerprint, "probes": len(args.probes), "cases": len(rows)}
        text = concatenated(logs, header | {"cases drawn by the search": searched.examples, "seed": args.seed})
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    log = context.workspace.write(f"results/logs/{args.name}_{stamp}.log", text)
    file = context.workspace.write_json(f"results/metrics/{args.name}.json", [row.model_dump(mode="json") for row in rows])
    return ProbesRan(
        file=context.workspace.relative(file),
        log=context.workspace.relative(log),
        checks=tally(rows),
        examples=searched.examples,
        sightings=tuple(Sighting(key=row.key, case=row.case, origin="probe") for row in smallest(rows)),
    )


TOOL = Tool("run_probes", "run probes of the library against the target", RunProbes, ProbesRan, run, needs_target=True, needs_run=True)
