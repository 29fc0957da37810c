"""`python -m agent check`: the probes alone, without the paperwork, against any stageflow."""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from agent.core.errors import UsageError
from agent.core.files import write_atomic, write_json
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.causes import Changes, by_declaration, changed
from agent.court.discovery import Budget, Coverage, Hint, cache_file, discover, footprints
from agent.court.impact import contained
from agent.court.session import Finding, Side, Sitting, described
from agent.court.severity import LEVELS
from agent.court.trials import smallest
from agent.reporting.junit import case_groups, junit
from agent.reporting.sarif import sarif
from agent.reporting.screen import Screen
from tools.targets import resolve

CASES, SEARCH = 0.6, 0.14
"""Shares of the time that the fixed cases and the search of all targets may take; the rest is for the proofs."""

COUNTS = ("lines", "lines_run", "branches", "branches_run")
"""Of a module's coverage."""
ON_BOTH = "violated on both targets; a comparison proves the differences only, `check` without --compare proves this one"


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line."""

    target: str
    compare: str | None
    area: str | None
    minutes: float
    seed: int
    coverage: bool
    out: Path | None
    junit: Path | None
    sarif: Path | None
    fail_on: str | None

    @property
    def folder(self) -> Path | None:
        """For the scripts, beside the JSON file."""
        return (self.out.resolve().parent / f"{self.out.stem}-repro") if self.out else None

    def budget(self, seconds: float) -> Budget:
        """Of one target that may take that long, its share of the proofs included."""
        return Budget(max(10.0, seconds * CASES), self.minutes * 60 * SEARCH / (2 if self.compare else 1), self.seed, self.coverage)


def check(order: Order, settings: Settings) -> int:
    """Discover on the target (and on the one compared with), prove one case of each cause, and tell."""
    began = time.monotonic()
    catalogue = load_catalogue(settings.project / "components", settings.cache)
    cards = [c for c in catalogue.values() if order.area is None or order.area in (c.subsystem, c.category)]
    if not cards:
        areas = ", ".join(sorted({c.subsystem for c in catalogue.values()}))
        raise UsageError(f"no probe has the area {order.area!r}", hint=f"Areas: {areas}.")
    with Screen(stderr=True).status("starting") as status:

        def opened(spec: str) -> ToolContext:
            def progress(text: str) -> None:
                status.update(f"{spec}: {text}")

            return ToolContext(settings, resolve(spec, settings, progress=progress), None, progress)

        contexts = [opened(spec) for spec in (order.target, order.compare) if spec]
        changes = changed(*(package(c) for c in contexts)) if order.compare else frozenset()
        cards = suspects_first(cards, changes)
        theirs, hint = compared(cards, contexts, order, changes) if order.compare else (None, Hint())
        kept = order.compare and cache_file(contexts[1], "")  # what is found out once for a release is not counted
        deadline = (time.monotonic() if kept else began) + order.minutes * 60
        budget = order.budget(deadline - time.monotonic())
        ours = Side(contexts[0], discover(cards, contexts[0], budget, whole=order.area is None, hint=hint))
        sitting = Sitting(catalogue, order.folder or settings.cache / "check", deadline, status.update)
        result = judged(sitting, ours, theirs, changes) | {"seed": order.seed}
    result["seconds"] = round(time.monotonic() - began, 1)
    write(result, order, catalogue, package(ours.context))
    tell(result, ours.context.target, order.coverage)
    return int(any(at_least(f, order.fail_on) for f in result["findings"] if f["status"] == "confirmed"))


def compared(cards: list[ProbeCard], contexts: list[ToolContext], order: Order, changes: Changes) -> tuple[Side, Hint]:
    """The side that is compared with, and what it tells of the other one."""
    ours, theirs = contexts
    whole = order.area is None
    budget = order.budget(order.minutes * 60 / (1 if cache_file(theirs, "") else 2))
    seen = footprints(cards, theirs, budget.cases * 2) if whole and contained(package(ours), package(theirs), changes) else None
    if seen is None:
        return Side(theirs, discover(cards, theirs, budget, whole=whole)), Hint()
    untouched = seen.untouched(changes)
    near = {probe for probe, case in seen.cases if (probe, case) not in untouched}
    aim = frozenset(card.id for card in cards if card.explorable and card.id in near)
    found = discover(cards, theirs, budget, whole=True, hint=Hint(aim=aim))
    same = [row for row in found.rows if (row.probe, row.case) in untouched and row.verdict != "unknown"]
    return Side(theirs, found), Hint(found.rows, same, aim)


def write(result: Mapping[str, Any], order: Order, catalogue: Mapping[str, ProbeCard], source: Path) -> None:
    """The files that were asked for."""
    if order.out:
        write_json(order.out, result)
    if order.junit:
        write_atomic(order.junit, junit(result))
    if order.sarif:
        write_json(order.sarif, sarif(result, catalogue, source))


def label(target: Target | None) -> dict[str, str]:
    """Which stageflow, as the JSON has it."""
    assert target
    return {"label": target.label, "version": target.version, "fingerprint": target.fingerprint}


def package(context: ToolContext) -> Path:
    """Where the target's source is."""
    assert context.target
    return context.target.package


def suspects_first(cards: Iterable[ProbeCard], changes: Changes) -> list[ProbeCard]:
    """The probes of what was changed in front, for the case that the time does not suffice for all."""
    modules = {place.partition(":")[0] for place in changes}
    return sorted(cards, key=lambda card: not any(f"{card.component}.".startswith(f"{module}.") for module in modules))


def at_least(finding: Mapping[str, Any], fail_on: str | None) -> bool:
    """Whether a finding reaches the level that fails the command."""
    return fail_on is not None and LEVELS.index(finding["severity"]) >= LEVELS.index(fail_on)


def judged(sitting: Sitting, ours: Side, theirs: Side | None, changes: Changes) -> dict[str, Any]:
    """The result record of the check; in a comparison only the differences are proven."""
    regressed: list[Finding] = []
    fixed: list[Finding] = []
    if theirs is None:
        findings = sitting.alone(ours)
    else:
        regressed = sitting.differing("regressed", ours, theirs, changes)
        fixed = sitting.differing("fixed", theirs, ours, changes)
        findings = regressed + on_both(sitting, ours, regressed)
    unknown = [row for row in ours.found.rows if row.verdict == "unknown"]
    return {
        "target": label(ours.context.target),
        "compare": label(theirs.context.target) if theirs else None,
        "regressed": regressed,
        "fixed": fixed,
        "findings": findings,
        "unknown": len(unknown),
        "unknown_cases": [{"probe": row.probe, "case": row.case, "reason": row.reason} for row in unknown],
        "cases": len(ours.found.rows),
        "examples": ours.found.examples,
        "coverage": ours.found.coverage,
        "groups": case_groups(ours.found.rows, sitting.catalogue),
    }


def on_both(sitting: Sitting, ours: Side, regressed: list[Finding]) -> list[Finding]:
    """What is violated on both sides, not proven."""
    told = {(f["probe"], f["case"]) for f in regressed} | {(o["probe"], o["case"]) for f in regressed for o in f["also_seen"]}
    rows = [row for row in smallest(ours.found.rows) if (row.probe, row.case) not in told]
    return [
        described(group.rows[0], sitting.catalogue[group.rows[0].probe], group, "suspected", ON_BOTH, "")
        for group in by_declaration(rows, sitting.catalogue)
    ]


def tell(result: Mapping[str, Any], target: Target | None, coverage: bool) -> None:
    """Tables for a person."""
    console = Screen(file=sys.stdout)
    for name in ("regressed", "fixed", "findings"):
        rows: Iterable[Finding] = sorted(result[name], key=lambda f: (-LEVELS.index(f["severity"]), f["title"]))
        if not result[name]:
            continue
        table = Table("status", "severity", "area", "title", "seen by", title=f"{name} ({len(result[name])})", title_justify="left")
        for row in rows:
            table.add_row(row["status"], row["severity"], row["area"], row["title"].replace("[", "\\["), str(1 + len(row["also_seen"])))
        console.print(table)
    if coverage:
        console.print(coverage_table(result["coverage"]))
    label = target.label if target else "?"
    drawn = f"{result['cases']} cases and {result['examples']} drawn"
    counts = f"{drawn}, {len(result['findings'])} violated properties, {result['unknown']} unknown"
    console.print(f"{label}: {counts}, {result['seconds']} s", highlight=False)
    if result["unknown"]:
        console.print(f"first unknown: {json.dumps(result['unknown_cases'][0])}", markup=False, highlight=False)


def coverage_table(coverage: Coverage) -> Table:
    """Lines and branches of the target that ran, per subsystem."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for file, numbers in coverage.items():
        for name in (file.rpartition("/")[0] or "(top)", "all"):
            for key in COUNTS:
                sums[name][key] += numbers[key]
    table = Table("subsystem", "lines", "run", "branches", "run", title="coverage of the target", title_justify="left")
    for name, n in sorted(sums.items(), key=lambda item: (item[0] == "all", item[0])):
        lines, branches = (f"{100 * n[f'{k}_run'] / n[k]:.0f} %" if n[k] else "-" for k in ("lines", "branches"))
        table.add_row(name, str(n["lines"]), lines, str(n["branches"]), branches)
    return table
