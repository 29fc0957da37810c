"""Compares the reports of two runs of one mission: both are rendered again with what every run measures anew left out of the facts.

Left out are facts, never text: no field that holds a finding, a verdict, a status, a decision or prose is touched.
"""

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

from agent.core.artifacts import AspectScore, Verdict
from agent.core.findings import MEASURED
from agent.core.settings import Settings
from agent.core.workspace import Workspace
from agent.reporting.facts import RunFacts
from agent.reporting.final_report import read_facts, rendered
from agent.reporting.model_page import Asked, ModelFacts, model_facts

MASK = "(measured)"
LEFT_OUT = (
    "name of the run, machine, suggestions that follow from a measurement, durations, load and memory, numbers of log patterns and of "
    "cases that a search drew, what a whole pipeline showed of a race, and how the model was reached: provider, calls, tokens, cost"
)
"""What is not compared, for people."""
TIMED = re.compile(r"_ms(_|$)")
"""Names of facts that are durations."""
OBSERVED = "; observed "
SEARCHED = "probes-"
"""Start of the ids of tests whose cases are partly searched, all but those that a model wrote."""
WRITTEN = "probes-written-"
PLAYBOOK = "the playbook's way"


@dataclass(frozen=True)
class Comparable:
    """A run's report as it can be compared.

    Attributes:
        lines: without what was measured.
        masked: how many lines something was left out of.
        stale: lines of FINAL_REPORT.md that its folder does not give: written by another version, or by hand.
    """

    lines: tuple[str, ...]
    masked: int
    stale: int


@dataclass(frozen=True)
class Compared:
    """Two reports side by side; `diff` is empty when nothing that is compared differs."""

    lines: int
    masked: int
    stale: int
    diff: tuple[str, ...]


def compare(one: Workspace, other: Workspace, settings: Settings) -> Compared:
    """Compare the reports of two runs of the same mission."""
    first, second = comparable(one, settings), comparable(other, settings)
    before, after = (f"{run.root.name}/FINAL_REPORT.md" for run in (one, other))
    diff = difflib.unified_diff(first.lines, second.lines, before, after, n=0, lineterm="")
    return Compared(len(first.lines), first.masked, first.stale + second.stale, tuple(diff))


def comparable(workspace: Workspace, settings: Settings) -> Comparable:
    """The report of a run folder without what was measured."""
    facts, model = read_facts(workspace, settings), model_facts(workspace)
    plain = rendered(facts, model, settings).splitlines()
    lines = rendered(masked(facts), masked_page(model), settings).splitlines()
    written = workspace.path("FINAL_REPORT.md").read_text(encoding="utf-8").splitlines()
    return Comparable(tuple(lines), lacking(plain, lines), lacking(written, plain))


def lacking(lines: list[str], others: list[str]) -> int:
    """How many lines the others do not have."""
    return (Counter(lines) - Counter(others)).total()


def masked(facts: RunFacts) -> RunFacts:
    """The facts without what was measured."""
    flags = facts.execution.log_flags if facts.execution else 0
    told = f"{flags} patterns flagged"
    machine = {"processor": MASK, "cores": MASK, "python": MASK, "sandbox": {"name": MASK, "protections": [MASK], "weakness": ""}}
    return replace(
        facts,
        run=MASK,
        progress=replace(facts.progress, resume=MASK),
        environment=machine,
        execution=facts.execution and facts.execution.model_copy(update={"log_flags": MASK}),
        evaluation=facts.evaluation
        and facts.evaluation.model_copy(update={"scores": tuple(untimed(score) for score in facts.evaluation.scores)}),
        categories=[row | {verdict: some(row[verdict]) for verdict in get_args(Verdict)} for row in facts.categories],
        tests=[untimed_test(row) for row in facts.tests],
        criteria=[replace(j, measured=None if j.measured is None else math.nan) for j in facts.criteria],
        load=[unmeasured(row) for row in facts.load],
        findings=facts.findings | {"improvements": unmeasured_suggestions(facts.findings["improvements"])},
        suspected=[unseen(row, {test["id"] for test in facts.tests}) for row in facts.suspected],
        checklist=[replace(point, why=point.why.replace(told, f"{MASK} patterns flagged")) for point in facts.checklist],
    )


def unmeasured_suggestions(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Suggestions that do not follow from a measurement; how many do shifts the ids of those behind them."""
    return [row | {"id": MASK} for row in rows if row["category"] != MEASURED]


def some(count: int) -> int | str:
    """A count without its size; none stays none."""
    return MASK if count else count


def untimed(score: AspectScore) -> AspectScore:
    """A score with its facts, durations left out."""
    return score.model_copy(update={"facts": {name: MASK if TIMED.search(name) else fact for name, fact in score.facts.items()}})


def untimed_test(row: dict[str, Any]) -> dict[str, Any]:
    """A test without its duration and, where cases are searched, without their number; which verdicts came is kept."""
    searched = row["id"].startswith(SEARCHED) and not row["id"].startswith(WRITTEN)
    checks = {verdict: some(row["checks"][verdict]) for verdict in sorted(row["checks"])} if searched else row["checks"]
    return row | {"seconds": None if row["seconds"] is None else MASK, "checks": checks}


def unmeasured(row: dict[str, Any]) -> dict[str, Any]:
    """A step of a load test with what was offered alone."""
    kept = {name: row[name] for name in ("test", "step", "rate_per_second")}
    latency = {name: MASK for name in row["latency_ms"]}
    memory = {"highest": MASK} if row["rss_mib"] else row["rss_mib"]
    return row | kept | {"throughput_per_second": MASK, "failure_share": math.nan, "latency_ms": latency, "rss_mib": memory}


def unseen(row: dict[str, Any], tests: set[str]) -> dict[str, Any]:
    """A sighting of a whole pipeline without the example it gave; what was expected stays."""
    if row["what"].partition(":")[0] not in tests or OBSERVED not in row["observed"]:
        return row
    return row | {"observed": row["observed"].partition(OBSERVED)[0] + OBSERVED + MASK}


def masked_page(model: ModelFacts) -> ModelFacts:
    """The last page without how the model was reached."""
    return replace(model, rows=tuple(unreached(row) for row in model.rows), tokens=MASK, cost=MASK, seconds=0.0)


def unreached(row: Asked) -> Asked:
    """A decision: which model, whose answer, and what became of it."""
    names = ", ".join(dict.fromkeys(name.partition(" ")[2] or name for name in row.model.split(", ")))
    outcome = PLAYBOOK if row.outcome.startswith(PLAYBOOK) else row.outcome
    return replace(row, model=names, outcome=outcome, calls=0, recorded="", tokens=MASK, cost=MASK, seconds=0.0)


def shown(compared: Compared, most: int = 40) -> Iterator[str]:
    """What came of a comparison, for people."""
    yield from compared.diff[:most]
    if len(compared.diff) > most:
        yield f"... and {len(compared.diff) - most} more lines"
    word = "differs" if compared.diff else "is the same"
    yield f"the report {word}: {compared.lines} lines compared, measured values left out of {compared.masked} of them"
    yield f"left out: {LEFT_OUT}"
    if compared.stale:
        yield f"note: {compared.stale} lines of FINAL_REPORT.md are not what its folder gives: written by another version, or by hand"
