"""Runs probes against the target in the sandbox and reads their verdicts. Unknown never passes."""

import datetime as dt
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from agent.core.artifacts import Sighting, Verdict
from agent.core.tool import Record, Tool, ToolContext
from agent.court.catalogue import ProbeCard, load_catalogue
from tools.run_code import run_python

DEADLINE = 150.0
"""Real seconds for all probes of one call; what has not run by then is unknown."""


FOUND = "explored-"
"""Start of the id of a case that a search found."""


class CaseVerdict(Record):
    """What one case of one probe came to; see `components.lab.runner`."""

    probe: str
    case: str
    order: int = 0
    """Position among the probe's cases; smaller cases come first."""
    control: bool
    component: str
    title: str
    params: dict[str, Any]
    verdict: Verdict
    seconds: float
    expected: str = ""
    observed: str = ""
    reason: str = ""
    reached: bool = False
    cause: str = ""
    """As declared by the probe: what a repair has to change."""
    entered: tuple[str, ...] = ()
    """Functions of the target that ran, `module:Qual.name`; only when asked for."""
    examples: int = 0
    """Cases drawn, in the row that sums up a search."""
    new_arcs: int = 0
    """Jumps between lines of the target that ran for the first time, when coverage is measured."""

    @property
    def key(self) -> str:
        """Cases of one probe and one component are one sighting."""
        return f"{self.probe}@{self.component}"


class RunProbes(Record):
    """Arguments of `run_probes`."""

    name: str
    """Name of the test; its verdicts go to `results/metrics/<name>.json`, its log to `results/logs/`."""
    probes: tuple[str, ...]
    """Probe ids, `<area>/<name>`."""


class ProbesRan(Record):
    """Result of `run_probes`."""

    file: str
    """Verdicts of all cases, controls included, relative to the run."""
    log: str
    """What the cases printed and logged, relative to the run."""
    checks: dict[Verdict, int]
    """Cases per verdict, controls left out."""
    sightings: tuple[Sighting, ...]
    """One per probe and component with a violated case."""


def run_trials(cards: Iterable[ProbeCard], context: ToolContext, *, logs: Path | None, deadline: float) -> list[CaseVerdict]:
    """Verdicts of all cases of `cards` on the context's target; what had not run by `deadline` seconds is unknown."""
    chosen = list(cards)
    rows, why = run_jobs([{"probe": card.id} for card in chosen], context, logs=logs, deadline=deadline)
    heard = {row.probe for row in rows}
    return rows + [silent(card, why) for card in chosen if card.id not in heard]


def run_controls(violated: Iterable[CaseVerdict], context: ToolContext, *, deadline: float) -> list[CaseVerdict]:
    """The controls of these cases, on the context's target; one that says nothing is left out, and counts as unknown."""
    jobs = jobs_for(violated, control=True)
    return run_jobs(jobs, context, logs=None, deadline=deadline)[0] if jobs else []


def jobs_for(rows: Iterable[CaseVerdict], **options: Any) -> list[dict[str, Any]]:
    """Jobs that play just these cases again, also those that a search found; `options` as in a runner's job."""
    jobs: dict[str, dict[str, Any]] = {}
    for row in rows:
        job = jobs.setdefault(row.probe, {"probe": row.probe, "cases": [], "given": [], **options})
        if row.case.startswith(FOUND):
            job["given"].append({"id": row.case, "params": row.params})
        else:
            job["cases"].append(row.case)
    return list(jobs.values())


def run_jobs(
    jobs: list[dict[str, Any]], context: ToolContext, *, logs: Path | None, deadline: float, coverage: Path | None = None
) -> tuple[list[CaseVerdict], str]:
    """Verdict lines of the runner for these jobs, and why there may be fewer than asked for.

    Args:
        jobs: as `components.lab.runner` reads them.
        context: gives the target.
        logs: existing folder for one log per case.
        deadline: real seconds for all of it.
        coverage: file in an existing folder for the lines and branches of the target that ran.
    """
    rows: list[CaseVerdict] = []
    argv = ["-m", "components.lab.runner", "--jobs", str(context.settings.jobs)]
    for flag, place in (("--logs", logs), ("--coverage", coverage)):
        argv += [flag, str(place)] if place else []
    outcome = run_python(
        argv,
        context=context,
        seconds=deadline,
        packages=(context.settings.project / "components",),
        writable=tuple(folder for folder in (logs, coverage and coverage.parent) if folder),
        stdin="\n".join(json.dumps(job) for job in jobs).encode(),
        on_line=collect(rows, len(jobs), context.progress),
    )
    if outcome.timed_out:
        return rows, "the time given was over"
    return rows, f"the probe runner ended with {outcome.exit_code}: {outcome.stderr[-200:].decode(errors='replace')}"


def collect(rows: list[CaseVerdict], total: int, progress: Callable[[str], None]) -> Callable[[bytes], None]:
    """A reader of verdict lines that fills `rows` and tells how far it is."""
    seen: set[str] = set()

    def read(line: bytes) -> None:
        try:
            row = CaseVerdict.model_validate_json(line)
        except ValueError:
            return
        rows.append(row)
        if row.probe not in seen or row.examples:
            seen.add(row.probe)
            progress(told(rows, row, len(seen), total))

    return read


def told(rows: list[CaseVerdict], last: CaseVerdict, seen: int, total: int) -> str:
    """How far the runner is, in one line."""
    if last.examples:
        return (
            f"{sum(row.examples for row in rows)} cases drawn, {len({r.key for r in rows if r.verdict == 'violated'})} violated properties"
        )
    if last.control:
        return f"controls of {seen} of {total} probes"
    return f"{seen} of {total} probes, {len({r.key for r in rows if r.verdict == 'violated' and not r.control})} violated"


def silent(card: ProbeCard, why: str) -> CaseVerdict:
    """The verdict of a probe that said nothing."""
    return CaseVerdict(
        probe=card.id,
        case="*",
        control=False,
        component=card.component,
        title=card.title,
        params={},
        verdict="unknown",
        seconds=0,
        reason=why,
    )


def sightings(rows: Iterable[CaseVerdict]) -> list[Sighting]:
    """One sighting per probe and component, with its first (smallest) violated case."""
    found: dict[str, Sighting] = {}
    for row in sorted(rows, key=lambda r: (r.probe, r.component, r.order)):
        if row.verdict == "violated" and not row.control:
            found.setdefault(row.key, Sighting(key=row.key, case=row.case, origin="probe"))
    return list(found.values())


def tally(rows: Iterable[CaseVerdict]) -> dict[Verdict, int]:
    """Cases per verdict, controls left out."""
    return dict(Counter(row.verdict for row in rows if not row.control))


def concatenated(logs: Path, header: dict[str, Any]) -> str:
    """One log text out of the per-case files, with the configuration on top."""
    parts = [f"# {key}: {value}" for key, value in header.items()]
    for file in sorted(logs.glob("*.log")):
        if text := file.read_text(encoding="utf-8", errors="replace").strip():
            parts += [f"# case {file.stem}", text]
    return "\n".join(parts) + "\n"


def run(args: RunProbes, context: ToolContext) -> ProbesRan:
    """Run the probes, and the controls of what is violated; keep verdicts and logs in the run folder."""
    assert context.workspace and context.target
    catalogue = load_catalogue(context.settings.project / "components")
    context.settings.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=context.settings.cache) as scratch:
        logs = Path(scratch)
        rows = run_trials([catalogue[p] for p in args.probes], context, logs=logs, deadline=DEADLINE)
        rows += run_controls([row for row in rows if row.verdict == "violated"], context, deadline=DEADLINE)
        header = {"test": args.name, "target": context.target.fingerprint, "probes": len(args.probes), "cases": len(rows)}
        text = concatenated(logs, header)
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    log = context.workspace.write(f"results/logs/{args.name}_{stamp}.log", text)
    file = context.workspace.write_json(f"results/metrics/{args.name}.json", [row.model_dump(mode="json") for row in rows])
    return ProbesRan(
        file=context.workspace.relative(file), log=context.workspace.relative(log), checks=tally(rows), sightings=tuple(sightings(rows))
    )


TOOL = Tool("run_probes", "run probes of the library against the target", RunProbes, ProbesRan, run, needs_target=True, needs_run=True)
