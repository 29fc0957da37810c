"""What a mission asks a person for, and what the person decided: one file each, so that a decision outlives processes and checkpoints."""

import datetime as dt
from typing import Literal

from pydantic import ValidationError

from agent.core.ledger import Ledger
from agent.core.record import Record
from agent.core.workspace import Workspace

FOLDER = "results/approvals"
Mode = Literal["none", "code", "phases", "all"]
"""Before what a mission pauses."""


class Approval(Record):
    """One thing that a person is asked for."""

    key: str
    """`<phase>/<call id>` of a call, or `<phase>/end`."""
    kind: Literal["code", "phase"]
    """Code that a model wrote is about to run, or a phase is about to end."""
    title: str
    """What it is, in one line."""
    text: str
    """What the person is shown."""
    status: Literal["waiting", "approved", "rejected"] = "waiting"
    """What was decided."""
    why: str = ""
    """Why it was rejected."""
    decided_at: str = ""
    """UTC, ISO 8601."""


def read_approval(workspace: Workspace, key: str) -> Approval | None:
    """What was asked under a key; None when nothing was, or the file is damaged."""
    try:
        found = workspace.read_json(f"{FOLDER}/{key}.json")
        return Approval.model_validate(found) if found else None
    except (ValueError, ValidationError):
        return None


def asked(workspace: Workspace, wanted: Approval) -> Approval:
    """What was decided about it, or the question itself, now on disk."""
    if earlier := read_approval(workspace, wanted.key):
        return earlier
    return written(workspace, wanted)


def written(workspace: Workspace, approval: Approval) -> Approval:
    """Keep it."""
    workspace.write_json(f"{FOLDER}/{approval.key}.json", approval.model_dump(mode="json"))
    return approval


def decided(workspace: Workspace, approval: Approval, *, allowed: bool, why: str = "") -> Approval:
    """Keep a person's decision, also in the ledger."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    update = {"status": "approved" if allowed else "rejected", "why": why, "decided_at": now}
    made = written(workspace, approval.model_copy(update=update))
    data = made.model_dump(mode="json", include={"key", "kind", "title", "status", "why"})
    Ledger(workspace.root).append("approval", f"{made.key} {made.status} {now}", data)
    return made


def open_question(workspace: Workspace) -> Approval | None:
    """What keeps a mission from going on: a question without a decision, or a phase that was rejected at its end."""
    files = sorted(workspace.path(FOLDER).glob("*/*.json"))
    found = [made for file in files if (made := read_approval(workspace, workspace.relative(file)[len(FOLDER) + 1 : -len(".json")]))]
    return next((a for a in found if a.status == "waiting" or (a.kind == "phase" and a.status == "rejected")), None)


def withdraw(workspace: Workspace) -> None:
    """Forget questions without a decision: a mission that goes on asks again for what it still needs."""
    while (approval := open_question(workspace)) and approval.status == "waiting":
        workspace.path(f"{FOLDER}/{approval.key}.json").unlink()
