"""`python -m agent findings [RUN]`: those of one run."""

import sys
from typing import Any

from agent.commands.runs import find_run
from agent.commands.tables import output
from agent.core.environment import Places
from agent.core.errors import RunDamaged
from agent.core.finding_rows import finding_rows
from agent.core.findings import FindingKind
from agent.core.ledger import Ledger
from agent.core.ledger_repair import RepairableLedger
from agent.core.locks import held
from agent.core.workspace import Workspace

LISTED: tuple[FindingKind, ...] = ("bug", "dx", "improvement", "strength")


def of_run(name: str, places: Places, as_json: bool) -> int:
    """Findings of a run."""
    workspace = find_run(name, places.runs)
    for what in [] if held(workspace.root / "run.lock") else RepairableLedger(workspace.root).problems():
        print(f"note: {workspace.name}: ledger.jsonl {what}", file=sys.stderr)
    rows = []
    for kind in LISTED:
        for row in rows_of(workspace, kind):
            level = row.get("severity") or row.get("priority") or row.get("impact", "")
            rows.append(
                {
                    "id": row["id"],
                    "kind": kind,
                    "level": level,
                    "component": row.get("component", row.get("category", "")),
                    "title": row["title"],
                }
            )
    output(rows, f"Findings of {workspace.root.parent.name}/{workspace.root.name}", as_json)
    return 0


def rows_of(workspace: Workspace, kind: FindingKind) -> list[dict[str, Any]]:
    """The findings of a kind as their file has them; as the ledger has them where the file cannot be used, or lacks some."""
    try:
        logged = list(Ledger(workspace.root).findings(kind))
    except RunDamaged:
        logged = []
    try:
        rows = finding_rows(workspace, kind)
    except RunDamaged as error:
        print(f"note: {error}; these are the ledger's", file=sys.stderr)
        return logged
    if {row["id"] for row in logged} - {row["id"] for row in rows}:
        print(f"note: {workspace.name}: the file of kind {kind} lacks findings of the ledger; these are the ledger's", file=sys.stderr)
        return logged
    return rows
