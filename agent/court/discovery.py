"""What the probes say of a target: their fixed cases, and what a search beyond them finds in the time given."""

import json
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.files import write_json
from agent.core.target import package_fingerprint
from agent.core.tool import ToolContext
from agent.court.catalogue import ProbeCard
from agent.court.impact import Footprints, on_import
from agent.court.trials import FOUND, CaseVerdict, jobs_for, run_jobs, silent

ALL = "*"
"""Case id of a probe that could not list its cases."""
SUM = "explored"
"""Case id of the row that sums up a search."""

Coverage = dict[str, dict[str, Any]]
"""Module file -> `lines`, `lines_run`, `branches`, `branches_run`, and which: `ran` (`1-4,9`) and `taken` (`12>14,12>-3`)."""


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


@dataclass(frozen=True)
class Hint:
    """What is known from another target that differs from this one in the bodies of a few functions only.

    Attributes:
        rows: its verdicts.
        same: those among them that cannot be different here: the cases run nothing of what differs.
        aim: probes that run what differs, for the search to go for; empty: all.
    """

    rows: Sequence[CaseVerdict] = ()
    same: Sequence[CaseVerdict] = ()
    aim: Collection[str] = ()


def discover(cards: Iterable[ProbeCard], context: ToolContext, budget: Budget, *, whole: bool, hint: Hint = Hint()) -> Discovery:
    """Verdicts of the cards on the context's target.

    Those of the whole library on a release are kept in the cache by what they depend on: the release, the lab, the interpreter,
    the seed and the time. Proofs are never taken from a cache.
    """
    chosen = list(cards)
    if budget.coverage:
        return measured(chosen, context, budget)
    fixed = cached(context, "cases", whole, lambda: fixed_rows(chosen, context, budget.cases, hint))
    targets = [card for card in chosen if not hint.aim or card.id in hint.aim]
    name = f"search-{budget.seed}-{budget.search:.0f}"
    searched = cached(context, name, whole and not hint.aim, lambda: searched_rows(targets, context, budget))
    return Discovery([*fixed.rows, *searched.rows], searched.examples, searched.coverage)


def fixed_rows(cards: list[ProbeCard], context: ToolContext, seconds: float, hint: Hint) -> Discovery:
    """The fixed cases, but for those whose verdict is known; what had not run in time is unknown."""
    rows, why = run_jobs(open_jobs(cards, hint), context, logs=None, deadline=seconds)
    return Discovery(completed([*hint.same, *rows], why, cards), 0, {})


def open_jobs(cards: Iterable[ProbeCard], hint: Hint) -> list[dict[str, Any]]:
    """The runner's jobs for all cases whose verdict is not known."""
    same = {(row.probe, row.case) for row in hint.same}
    left: dict[str, list[str]] = {}
    for row in hint.rows:
        if not row.case.startswith(FOUND):
            left.setdefault(row.probe, []).extend([row.case] if (row.probe, row.case) not in same else [])
    jobs = []
    for card in cards:
        cases = left.get(card.id, [ALL])
        if cases:
            jobs.append({"probe": card.id} | ({} if ALL in cases else {"cases": cases}))
    return jobs


def footprints(cards: Sequence[ProbeCard], context: ToolContext, seconds: float) -> Footprints | None:
    """The functions of a release that every fixed case enters, found out once and kept, and the verdicts with them.

    None for a checkout. Cases that the time did not suffice for are not in it, so they count as touched by any change.
    """
    file = cache_file(context, "footprints")
    if file is not None and file.exists():
        return Footprints.load(file)
    imported = on_import(context) if file is not None else None
    if file is None or imported is None:
        return None
    rows, why = run_jobs([{"probe": card.id, "entered": True} for card in cards], context, logs=None, deadline=seconds)
    found = Footprints.of(rows, imported)
    found.save(file)
    plain = [row.model_copy(update={"entered": (), "before": ()}) for row in rows]
    cached(context, "cases", True, lambda: Discovery(completed(plain, why, list(cards)), 0, {}))
    return found


def searched_rows(cards: list[ProbeCard], context: ToolContext, budget: Budget) -> Discovery:
    """What a search over the probes that can be explored finds; their time is shared by what reaches new code."""
    job = search_job(cards, budget)
    return summed(*covered([job], context, budget.search + 60)[:2]) if job else Discovery([], 0, {})


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
    with tempfile.TemporaryDirectory(dir=context.settings.cache, ignore_cleanup_errors=True) as scratch:
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
    file = cache_file(context, name)
    if not whole or file is None:
        return make()
    if file.exists():
        kept = json.loads(file.read_bytes())
        return Discovery([CaseVerdict.model_validate(row) for row in kept["rows"]], kept["examples"], kept["coverage"])
    found = make()
    if not any(row.verdict == "unknown" for row in found.rows):
        rows = [row.model_dump(mode="json") for row in found.rows]
        write_json(file, {"rows": rows, "examples": found.examples, "coverage": found.coverage})
    return found


def cache_file(context: ToolContext, name: str) -> Path | None:
    """Where something about a release is kept; None for a checkout, which may change."""
    assert context.target
    if context.target.search_path is not None:
        return None
    lab = package_fingerprint(context.settings.project / "components")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return context.settings.cache / "verdicts" / f"{context.target.fingerprint}-{lab}-{python}-{name}.json"


def recheck(rows: Iterable[CaseVerdict], context: ToolContext, *, seconds: float, entered: bool = False) -> list[CaseVerdict]:
    """The same cases on the context's target, once more or for the first time; `entered` asks for the functions that ran."""
    jobs = jobs_for(rows, entered=entered)
    return run_jobs(jobs, context, logs=None, deadline=seconds)[0] if jobs else []
