"""Phase 7, added: improvements, each tied to a finding of this run."""

import hashlib
from typing import Any

from agent.core.artifacts import Action, Recommendations
from agent.models.added import one_line
from agent.models.decisions import Suggestion, Suggestions
from agent.phases.base import Mission, Plan
from agent.phases.recommend import perspective
from agent.policies.additions.notes import ask, noted
from agent.policies.additions.prose import invented
from agent.policies.additions.report import FINDINGS, LEVELS


def additions(mission: Mission, floor: Recommendations) -> Plan:
    """Log the suggestions that name a finding of the run and say nothing that is not known of it."""
    bugs = sorted(mission.ledger.findings("bug"), key=lambda bug: (LEVELS.index(bug["severity"]), bug["id"]))[:FINDINGS]
    if not bugs:
        return floor
    table = "\n".join(f"{b['id']} | {b['severity']} | {b['component']} | {b['title'][:140]} | {b['recommendation'][:140]}" for b in bugs)
    slots = {"title": mission.entry.title, "industry": mission.entry.industry, "table": table}
    answer = yield from ask(Suggestions, "suggestions", slots, "which improvements to suggest")
    logged = 0
    for number, proposed in enumerate(answer.suggestions if answer else (), 1):
        bug = next((bug for bug in bugs if bug["id"] == proposed.finding), None)
        if why := unsupported(proposed, bug, table):
            noted(mission, "recommend", f"suggestion {number}", why)
            continue
        assert bug is not None
        key = "model-" + hashlib.sha256(f"{proposed.finding}{proposed.title}".encode()).hexdigest()[:12]
        args = {"kind": "improvement", "entry": entry_of(proposed, bug, mission), "agent": mission.agent_name, "key": key}
        done = yield Action(id=key, tool="log_finding", args=args, why=f"suggest: {one_line(proposed.title)}")
        logged += done.ok
    if not logged:
        return floor
    return floor.model_copy(update={"logged": floor.logged + logged})


def unsupported(proposed: Suggestion, bug: dict[str, Any] | None, table: str) -> str:
    """Why a suggestion is not logged; empty when it is."""
    if bug is None:
        return f"there is no finding {proposed.finding}"
    said = f"{proposed.title}. {proposed.description} {proposed.proposed_solution}"
    wrong = invented(said, table)
    return f"not in the table: {', '.join(wrong)}" if wrong else ""


def entry_of(proposed: Suggestion, bug: dict[str, Any], mission: Mission) -> dict[str, Any]:
    """The improvement as its schema wants it; what it is tied to is stated by the code."""
    return {
        "title": one_line(proposed.title),
        "description": one_line(proposed.description),
        "type": proposed.kind,
        "priority": proposed.priority,
        "category": bug["component"],
        "context": f"Proposed by a model; supported by {bug['id']} ({bug['severity']}).",
        "rationale": f"{bug['id']}: {bug['title']}",
        "proposed_solution": one_line(proposed.proposed_solution),
        "roleplay_perspective": perspective(mission),
    }
