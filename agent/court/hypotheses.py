"""Compares the entry's hypotheses with what the pipeline checks that judge them came to, and with the probes of their subsystems."""

from dataclasses import dataclass
from typing import Literal

from agent.core.roadmap import Entry, Hypothesis
from agent.core.workspace import Workspace
from agent.court.criteria import judge_criteria
from agent.court.evidence import pipeline_result, probe_rows

MEASURED = {"met": "holds", "missed": "violated", "not measured": "unknown"}
"""What a criterion means for a hypothesis about a number."""


@dataclass(frozen=True)
class JudgedHypothesis:
    """A hypothesis and what speaks for or against it.

    Attributes:
        verdict: contradicted when one of its checks is violated, held when all of them hold, else undecided; of an unfinished
            mission "not reached" when that is for want of a test (`agent.reporting.progress`).
        checks: `<test>:<check>`, or a criterion's id, to verdict; unknown where the run left none.
        probes: probes of its subsystems that ran, and how many of them a case violated.
    """

    hypothesis: Hypothesis
    verdict: Literal["contradicted", "held", "undecided", "not reached"]
    checks: dict[str, str]
    probes: tuple[int, int]


def judge_hypotheses(entry: Entry, workspace: Workspace) -> list[JudgedHypothesis]:
    """Every hypothesis of the entry against the files of the run."""
    listed = (workspace.read_json("research/hypotheses.json") or {}).get("hypotheses", [])
    probes_of = {row["id"]: set(row.get("probes", [])) for row in listed}
    ran: dict[str, bool] = {}
    for row in probe_rows(workspace):
        ran[row["probe"]] = ran.get(row["probe"], False) or row["verdict"] == "violated"
    measured = {row.criterion.id: row.verdict for row in judge_criteria(entry, workspace)}
    judged = []
    for hypothesis in entry.hypotheses:
        checks = {place: verdict_of(place, workspace) for place in hypothesis.checks}
        checks |= {name: MEASURED[measured.get(name, "not measured")] for name in hypothesis.criteria}
        seen = [ran[probe] for probe in probes_of.get(hypothesis.id, set()) & set(ran)]
        judged.append(JudgedHypothesis(hypothesis, summed(checks), checks, (len(seen), sum(seen))))
    return judged


def verdict_of(place: str, workspace: Workspace) -> str:
    """The verdict of one pipeline check."""
    test, _, check = place.partition(":")
    rows = pipeline_result(workspace, test)["checks"]
    return next((str(row["verdict"]) for row in rows if row["id"] == check), "unknown")


def summed(checks: dict[str, str]) -> Literal["contradicted", "held", "undecided"]:
    """One violated check contradicts; only checks that all hold are in favour."""
    if "violated" in checks.values():
        return "contradicted"
    return "held" if checks and set(checks.values()) == {"holds"} else "undecided"
