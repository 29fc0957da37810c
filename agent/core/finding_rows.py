"""The rows of a finding file, for whoever reads it: as the file has them, hand-typed ones included, or a clear word."""

from typing import Any

from agent.core.errors import RunDamaged
from agent.core.findings import KINDS, FindingKind
from agent.core.workspace import HINT, Workspace


def finding_rows(workspace: Workspace, kind: FindingKind) -> list[dict[str, Any]]:
    """All rows of the file of a kind; optional fields that a person left out are empty.

    Raises:
        RunDamaged: the file cannot be read, or a row lacks what every finding has.
    """
    model = KINDS[kind]
    found = workspace.read_json(model.file)
    if found is None:
        return []
    rows = found.get("findings") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise RunDamaged(f"{workspace.name}: {model.file} is no list of findings", hint=HINT.format(run=workspace.name))
    optional = {name: field.default for name, field in model.model_fields.items() if not field.is_required()}
    for row in rows:
        lacking = [name for name in model.model_fields if not isinstance(row.get(name, optional.get(name)), str)]
        if lacking:
            message = f"{workspace.name}: {model.file}: {row['id']} has no text for {', '.join(lacking)}"
            raise RunDamaged(message, hint="Complete that row by hand, or put the former text back.")
    return [{"agent": "", "timestamp": ""} | optional | row for row in rows]
