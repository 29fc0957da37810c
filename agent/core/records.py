"""The phase records as files of the run, so that later phases and reports need no checkpoint."""

import hashlib
from typing import TypeVar

from agent.core.artifacts import RECORDS, PhaseName, PhaseRecord, Receipt
from agent.core.workspace import Workspace

Kind = TypeVar("Kind", bound=PhaseRecord)


def write_record(workspace: Workspace, record: PhaseRecord) -> Receipt:
    """Keep a finished phase's record in `results/records/`; the receipt is what the checkpoint holds."""
    path = workspace.write_json(f"results/records/{record.phase}.json", record.model_dump(mode="json"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Receipt(phase=record.phase, path=workspace.relative(path), sha256=digest, missing=len(record.missing))


def read_record(workspace: Workspace, kind: type[Kind]) -> Kind | None:
    """The record of a phase by its class, or None when the phase is not finished or the file is of another format."""
    phase = next(name for name, cls in RECORDS.items() if cls is kind)
    try:
        found = workspace.read_json(f"results/records/{phase}.json")
        return kind.model_validate(found) if found else None
    except ValueError:
        return None


def finished_phases(workspace: Workspace) -> list[PhaseName]:
    """Phases whose record is on disk and sound."""
    return [name for name, cls in RECORDS.items() if read_record(workspace, cls) is not None]
