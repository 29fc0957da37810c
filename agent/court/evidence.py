"""Reads back from a run folder what the executor and the court wrote."""

from typing import Any

from agent.core.artifacts import CATEGORIES, Execution, Proof
from agent.core.ledger import Ledger
from agent.core.records import read_record
from agent.core.workspace import Workspace


def all_proofs(workspace: Workspace) -> tuple[Proof, ...]:
    """Everything the court has judged."""
    record = read_record(workspace, Execution)
    return record.proofs if record else ()


def confirmed_proofs(workspace: Workspace) -> list[Proof]:
    """What the court has confirmed."""
    return [proof for proof in all_proofs(workspace) if proof.status == "confirmed"]


def probe_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Verdicts of all probe cases of the run, controls left out."""
    rows: list[dict[str, Any]] = []
    for category in CATEGORIES:
        rows += workspace.read_json(f"results/metrics/probes-{category}.json") or []
    return [row for row in rows if not row["control"]]


def logged_ids(ledger: Ledger) -> dict[str, str]:
    """Fingerprint to id of the defects that are logged."""
    return {record.key: str(record.data["id"]) for kind in ("bug", "dx") for record in ledger.records(kind)}
