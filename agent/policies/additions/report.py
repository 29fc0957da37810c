"""Phase 6, added: one paragraph about the result, written from a filled table and printed only when it adds nothing to it."""

from collections import Counter

from agent.core.artifacts import CATEGORIES, Reporting
from agent.models.added import SUMMARY, one_line
from agent.models.decisions import Paragraph
from agent.phases.base import Mission, Plan
from agent.policies.additions.notes import ask, noted
from agent.policies.additions.prose import invented

FINDINGS = 12
"""Findings in the table, the gravest first."""
LEVELS = ("critical", "high", "medium", "low", "info")


def additions(mission: Mission, floor: Reporting) -> Plan:
    """Ask for the paragraph, once more when it says something that the table does not, then do without."""
    table = facts(mission)
    answer = yield from ask(Paragraph, "summary", {"table": table}, "a paragraph about the result")
    text = one_line(answer.text) if answer else ""
    wrong = invented(text, table)
    if wrong:
        noted(mission, "report", "summary", f"not in the table: {', '.join(wrong)}")
        slots = {"table": table, "text": text, "problem": f"it says {', '.join(wrong[:8])}, which the table does not"}
        again = yield from ask(Paragraph, "summary_repair", slots, "the paragraph, corrected")
        text = one_line(again.text) if again else ""
        wrong = invented(text, table)
    if not text or wrong:
        if wrong:
            noted(mission, "report", "summary, corrected", f"not in the table: {', '.join(wrong)}")
        return floor
    mission.workspace.write_json(SUMMARY, {"text": text})
    return floor.model_copy(update={"artifacts": mission.hashes(SUMMARY) | floor.artifacts})


def facts(mission: Mission) -> str:
    """The table: findings by severity, the gravest with id, severity, component and title.

    Nothing in it is another in each run, such as how many cases a search drew: a replayed run asks the same question.
    """
    bugs = sorted(mission.ledger.findings("bug"), key=lambda bug: (LEVELS.index(bug["severity"]), bug["id"]))
    counts = Counter(bug["severity"] for bug in bugs)
    documentation = len(mission.ledger.findings("dx"))
    lines = [
        f"mission: {mission.entry.id}, {mission.entry.title}",
        f"framework: stageflow {mission.target.version}",
        f"confirmed bugs: {len(bugs)} ({', '.join(f'{counts[level]} {level}' for level in LEVELS if counts[level]) or 'none'})",
        f"findings about documentation and developer experience: {documentation}",
        f"test categories: {len(CATEGORIES)}",
        *(f"{bug['id']} | {bug['severity']} | {bug['component']} | {bug['title'][:140]}" for bug in bugs[:FINDINGS]),
    ]
    return "\n".join(lines)
