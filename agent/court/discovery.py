"""What the probes say of a target: their fixed cases, and what a search beyond them finds in the time given."""

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.files import write_json
from agent.core.target import package_fingerprint
from agent.core.tool import ToolContext
from agent.court.catalogue import ProbeCard
from agent.court.causes import FEW, Changes, ran
from agent.court.trials import CaseVerdict, jobs_for, run_jobs, silent

SAMPLE = 20.0
"""Real seconds at most to see which probes run what was changed."""
SUM = "explored"
"""Case id of the row that sums up a search."""

Coverage = dict[str, dict[str, int]]
"""Module file -> `lines`, `lines_run`, `branches`, `branches_run`."""


@dataclass(frozen=True)
class Budget:
    """What a discovery may use.

    Attributes:
        cases: real seconds for the fixed cases.
        search: real seconds for the search beyond them; 0 leaves it out.
        seed: of the search; the same seed draws the same cases as long as the time suffices.
        coverage: measure lines and branches of the target also for the fixed cases, which then take about twice the time.
    """

    cases: float
    search: float = 0.0
    seed: int = 0
    coverage: bool = False


@dataclass(frozen=True)
class Discovery:
    """What came of it.

    Attributes:
        rows: verdicts of the fixed cases, and of what the search found violated or could not judge.
        examples: cases drawn by the search.
        coverage: of the search, and of the fixed cases when that was asked for.
    """

    rows: list[CaseVerdict]
    examples: int
    coverage: Coverage


def discover(cards: Iterable[ProbeCard], context: ToolContext, budget: Budget, *, whole: bool, changes: Changes = frozenset()) -> Discovery:
    """Verdicts of the cards on the context's target; the search goes after a few `changes`, where there are some.

    Those of the whole library on a release are kept in the cache by what they depend on: the release, the lab, the interpreter,
    the seed and the time. Proofs are never taken from a cache.
    """
    chosen = list(cards)
    if budget.coverage:
        return measured(chosen, context, budget)
    fixed = cached(context, "cases", whole, lambda: fixed_rows(chosen, context, budget.cases))
    targets = aimed(chosen, fixed.rows, context, changes)
    name = f"search-{budget.seed}-{budget.search:.0f}"
    searched = cached(context, name, whole and targets is chosen, lambda: searched_rows(targets, context, budget))
    return Discovery([*fixed.rows, *searched.rows], searched.examples, searched.coverage)


def fixed_rows(cards: list[ProbeCard], context: ToolContext, seconds: float) -> Discovery:
    """The fixed cases; what had not run in time is unknown."""
    rows, why = run_jobs([{"probe": card.id} for card in cards], context, logs=None, deadline=seconds)
    return Discovery(completed(rows, why, cards), 0, {})


def searched_rows(cards: list[ProbeCard], context: ToolContext, budget: Budget) -> Discovery:
    """What a search over the probes that can be explored finds; their time is shared by what reaches new code."""
    job = search_job(cards, budget)
    return summed(*covered([job], context, budget.search + 60)[:2]) if job else Discovery([], 0, {})


def aimed(cards: list[ProbeCard], rows: list[CaseVerdict], context: ToolContext, changes: Changes) -> list[ProbeCard]:
    """Those probes that can be explored and run what was changed, by a few of their cases; all when there are none."""
    if not changes or len(changes) > FEW:
        return cards
    explorable = {card.id for card in cards if card.explorable}
    known: dict[str, list[CaseVerdict]] = defaultdict(list)
    for row in sorted((row for row in rows if row.probe in explorable and not row.control), key=lambda row: row.order):
        known[row.probe].append(row)
    sample = [group[number] for group in known.values() for number in {0, len(group) // 2, len(group) - 1}]
    entered = recheck(sample, context, seconds=SAMPLE, entered=True)
    near = {row.probe for row in entered if any(ran(row, place) for place in changes)}
    return [card for card in cards if card.id in near] or cards


def measured(cards: list[ProbeCard], context: ToolContext, budget: Budget) -> Discovery:
    """Fixed cases and search in one process, so that what one covers is not new to the other."""
    job = search_job(cards, budget)
    jobs = [{"probe": card.id} for card in cards] + ([job] if job else [])
    rows, coverage, why = covered(jobs, context, budget.cases * 2 + budget.search + 60)
    return summed(completed(rows, why, cards), coverage)


def search_job(cards: list[ProbeCard], budget: Budget) -> dict[str, Any] | None:
    """The runner's job for the search; None when there is nothing to search or no time for it."""
    probes = [card.id for card in cards if card.explorable]
    return {"steer": {"probes": probes, "seed": budget.seed, "seconds": budget.search}} if probes and budget.search else None


def covered(jobs: list[dict[str, Any]], context: ToolContext, seconds: float) -> tuple[list[CaseVerdict], Coverage, str]:
    """Verdicts of jobs and the coverage of the target by them, and why there may be fewer than asked for."""
    context.settings.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=context.settings.cache) as scratch:
        file = Path(scratch) / "coverage.json"
        rows, why = run_jobs(jobs, context, logs=None, deadline=seconds, coverage=file)
        coverage = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return rows, coverage, why


def summed(rows: list[CaseVerdict], coverage: Coverage) -> Discovery:
    """Without the rows that only sum up a search which found nothing wrong; a violation found twice counts once."""
    found: dict[tuple[str, str], CaseVerdict] = {}
    for row in rows:
        if row.case != SUM or row.verdict != "holds":
            found.setdefault((row.probe, row.case), row)
    return Discovery(list(found.values()), sum(row.examples for row in rows), coverage)


def completed(rows: list[CaseVerdict], why: str, cards: list[ProbeCard]) -> list[CaseVerdict]:
    """The rows, and an unknown one for each probe that said nothing."""
    heard = {row.probe for row in rows}
    return rows + [silent(card, why) for card in cards if card.id not in heard]


def cached(context: ToolContext, name: str, whole: bool, make: Callable[[], Discovery]) -> Discovery:
    """A discovery out of the cache, or made now and kept when nothing in it is unknown."""
    assert context.target
    if not whole or context.target.search_path is not None:
        return make()
    lab = package_fingerprint(context.settings.project / "components")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    file = context.settings.cache / "verdicts" / f"{context.target.fingerprint}-{lab}-{python}-{name}.json"
    if file.exists():
        kept = json.loads(file.read_bytes())
        return Discovery([CaseVerdict.model_validate(row) for row in kept["rows"]], kept["examples"], kept["coverage"])
    found = make()
    if not any(row.verdict == "unknown" for row in found.rows):
        rows = [row.model_dump(mode="json") for row in found.rows]
        write_json(file, {"rows": rows, "examples": found.examples, "coverage": found.coverage})
    return found


def recheck(rows: Iterable[CaseVerdict], context: ToolContext, *, seconds: float, entered: bool = False) -> list[CaseVerdict]:
    """The same cases on the context's target, once more or for the first time; `entered` asks for the functions that ran."""
    jobs = jobs_for(rows, entered=entered)
    return run_jobs(jobs, context, logs=None, deadline=seconds)[0] if jobs else []
