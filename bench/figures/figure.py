"""What a figure is, and how it is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

OURS = "ours"

Samples = dict[str, list[float]]
"""Who -> what was measured, taken by turns; `ours` is among them."""


@dataclass(frozen=True)
class Limit:
    """What a figure may come to.

    Attributes:
        title: what is measured, for people.
        unit: of the numbers.
        most: ours at most; None when it has to reach `least`.
        least: ours at least.
    """

    title: str
    unit: str
    most: float | None = None
    least: float | None = None

    def kept(self, value: float) -> bool:
        """Whether ours may be that."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    @property
    def words(self) -> str:
        """The limit, for people."""
        return f"<= {self.most:g}" if self.most is not None else f">= {self.least:g}"


LIMITS: Mapping[str, Limit] = {
    "step": Limit("a mission step: tool, model over Groq's wire, calls synced, checkpoints written", "ms", most=8),
    "late step": Limit("the last steps of 800 against the first", "times", most=1.2),
    "checkpoints": Limit("checkpoints after 800 steps", "MB", most=4),
    "memory": Limit("most memory of the process that orchestrates", "MB", most=110),
    "help": Limit("python -m agent --help", "ms", most=150),
    "findings list": Limit("python -m agent findings list", "ms", most=150),
    "roadmap list": Limit("python -m agent roadmap list", "ms", most=150),
    "first call": Limit("from the command to the first tool call of a mission", "s", most=2.0),
    "installed": Limit("the default environment", "MB", most=130),
    "probe": Limit("a sandboxed case of a probe, fresh process", "ms", most=25),
    "explorer": Limit("random graphs through target and reference, one core", "a second", least=150),
    "check": Limit("python -m agent check, default budget", "s", most=180),
    "mission": Limit("FIN-001 by the playbook", "s", most=90),
    "index": Limit("index of the documentation", "ms", most=60),
    "query": Limit("a query of it", "ms", most=5),
    "page": Limit("HTML report of FIN-001", "KB", most=400),
    "page opens": Limit("it opens in Chromium, beyond an empty page", "s", most=0.3),
    "ledger add": Limit("one finding to 100,000", "ms", most=10),
    "ledger page": Limit("a page of 100,000 findings", "ms", most=100),
    "ledger dedupe": Limit("10,000 findings that are known again among 100,000, against 10,000 alone", "times", most=1.5),
    "log": Limit("analysis of a log, one core", "MB a minute", least=150),
    "log memory": Limit("memory for ten times the log", "times", most=1.2),
}


def row_of(name: str, samples: Samples) -> dict[str, Any]:
    """A figure as it is kept."""
    limit, values = LIMITS[name], {who: round(median(found), 4) for who, found in samples.items() if found}
    ours = values.get(OURS)
    kept = None if ours is None else limit.kept(ours)
    spread = {who: [round(min(found), 4), round(max(found), 4)] for who, found in samples.items() if found}
    return {
        "figure": name,
        "title": limit.title,
        "unit": limit.unit,
        "limit": limit.words,
        "values": values,
        "spread": spread,
        "kept": kept,
    }


def table_rows(rows: Iterable[Mapping[str, Any]]) -> list[Sequence[str]]:
    """Cells for people: figure, ours, limit, whether it is kept, the others."""
    found = []
    for row in rows:
        others = ", ".join(f"{who} {value:.4g}" for who, value in row["values"].items() if who != OURS)
        ours = f"{row['values'][OURS]:.4g}" if OURS in row["values"] else "not measured"
        kept = {True: "yes", False: "NO", None: "-"}[row["kept"]]
        found.append((row["title"], f"{ours} {row['unit']}", row["limit"], kept, others))
    return found


def markdown(results: Mapping[str, Any]) -> str:
    """Everything that was measured, as a table for the README."""
    lines = ["| figure | ours | asked | beside it, in the same run |", "|---|---|---|---|"]
    for title, ours, limit, kept, others in table_rows(results["figures"]):
        lines.append(f"| {title} | {f'**{ours}**' if kept == 'NO' else ours} | {limit} | {others} |")
    return "\n".join([*lines, "", f"Measured on {results['machine']}; medians. Bold: the limit is not kept."])
