"""Runs probes against the target in the sandbox and reads their verdicts. Unknown never passes."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from agent.core.artifacts import Verdict
from agent.core.tool import Record, ToolContext
from agent.court.catalogue import ProbeCard
from tools.byte_code import compiled
from tools.run_code import run_python

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
    before: tuple[str, ...] = ()
    """Functions of the target that ran while the probe's cases were listed; only when asked for."""
    examples: int = 0
    """Cases drawn, in the row that sums up a search."""
    new_arcs: int = 0
    """Jumps between lines of the target that ran for the first time, when coverage is measured."""

    @property
    def key(self) -> str:
        """Cases of one probe and one component are one sighting."""
        return f"{self.probe}@{self.component}"


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
    compiled(context.settings.project / "components")
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
        if not line.startswith(b'{"probe"'):
            return
        row = CaseVerdict.model_validate_json(line)
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


def smallest(rows: Iterable[CaseVerdict]) -> list[CaseVerdict]:
    """The first violated case of each probe and component; a fixed one comes before one that a search found."""
    found: dict[str, CaseVerdict] = {}
    for row in sorted(rows, key=lambda r: (r.probe, r.component, r.case.startswith(FOUND), r.order)):
        if row.verdict == "violated" and not row.control:
            found.setdefault(row.key, row)
    return list(found.values())


def tally(rows: Iterable[CaseVerdict]) -> dict[Verdict, int]:
    """Cases per verdict, controls left out."""
    return dict(Counter(row.verdict for row in rows if not row.control))
