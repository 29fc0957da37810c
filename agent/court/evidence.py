"""Reads back from a run folder what the executor and the court wrote."""

from typing import Any, get_args

from agent.core.artifacts import CATEGORIES, Execution, Proof, Verdict
from agent.core.errors import RunDamaged
from agent.core.ledger import Ledger
from agent.core.records import read_record
from agent.core.workspace import Workspace

TEXTS = {"id", "verdict", "expected", "observed", "source"}
"""What every check of a pipeline says."""


def all_proofs(workspace: Workspace) -> tuple[Proof, ...]:
    """Everything the court has judged."""
    record = read_record(workspace, Execution)
    return record.proofs if record else ()


def confirmed_proofs(workspace: Workspace) -> list[Proof]:
    """What the court has confirmed."""
    return [proof for proof in all_proofs(workspace) if proof.status == "confirmed"]


def pipeline_result(workspace: Workspace, test: str) -> dict[str, Any]:
    """What a pipeline test wrote: `checks`, `metrics`, `seconds`; a program that wrote something else has measured nothing."""
    try:
        found = workspace.read_json(f"results/metrics/{test}.json")
    except RunDamaged:
        found = None
    raw = found if isinstance(found, dict) else {}
    checks, metrics = raw.get("checks"), raw.get("metrics")
    usable = [row for row in checks if isinstance(row, dict) and row.keys() >= TEXTS] if isinstance(checks, list) else []
    judged = [row for row in usable if row["verdict"] in get_args(Verdict)]
    if not {"pipeline", "test"} <= raw.keys():
        judged = []
    return raw | {"checks": judged, "metrics": metrics if isinstance(metrics, dict) else {}}


def probe_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Verdicts of all probe cases of the run, controls left out."""
    rows: list[dict[str, Any]] = []
    for category in CATEGORIES:
        rows += workspace.read_json(f"results/metrics/probes-{category}.json") or []
    return [row for row in rows if not row["control"]]


def logged_ids(ledger: Ledger) -> dict[str, str]:
    """Fingerprint to id of the defects that are logged."""
    return {record.key: str(record.data["id"]) for kind in ("bug", "dx") for record in ledger.records(kind)}
