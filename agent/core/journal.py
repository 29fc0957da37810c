"""Every tool call happens once: intent first, commit marker last, and a committed call is never made again."""

import datetime as dt
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from agent.core.artifacts import Action, CallResult
from agent.core.errors import InvalidArguments, InvalidFinding, ToolFailed
from agent.core.harmless import json_text
from agent.core.ledger import Ledger
from agent.core.locks import still_ours
from agent.core.workspace import PROJECTIONS, Workspace
from agent.core.written import heard, sha256_of

APART = "results/model/"
"""The store of model calls has its own keys and is never made again."""


def call_id(phase: str, action: Action, subject: str) -> str:
    """Id of a call; `subject` hashes what the arguments refer to (target, file contents), so that a change makes a new call."""
    material = json.dumps([action.tool, action.args, subject], sort_keys=True, default=str)
    return f"{phase}/{action.id}-{hashlib.sha256(material.encode()).hexdigest()[:10]}"


class Journal:
    """Commit markers of one run, under `results/calls/`."""

    def __init__(self, workspace: Workspace, ledger: Ledger) -> None:
        self._workspace = workspace
        self._ledger = ledger
        self._read: dict[str, CallResult] = {}

    def committed(self, call: str) -> CallResult | None:
        """The marker of a finished call, or None; a marker that does not parse counts as absent."""
        if call not in self._read:
            if not os.path.lexists(self._workspace.root / f"results/calls/{call}.json"):
                return None
            try:
                found = self._workspace.read_json(f"results/calls/{call}.json")
                marker = CallResult.model_validate(found) if found else None
            except ValueError:
                return None
            if marker is None:
                return None
            self._read[call] = marker
        return self._read[call]

    def seconds(self, phase: str) -> float:
        """Working time of all committed calls of a phase."""
        folder = self._workspace.path("results/calls/" + phase)
        markers = (self.committed(f"{phase}/{file.stem}") for file in folder.glob("*.json"))
        return sum(marker.seconds for marker in markers if marker)

    def once(self, call: str, tool: str, effect: Callable[[], dict[str, Any]]) -> CallResult:
        """Make the call unless it is committed; what the tool refuses or cannot do is committed as a failed call."""
        if earlier := self.committed(call):
            return earlier
        began = time.monotonic()
        self._ledger.append("call_started", f"{call}#{time.time_ns()}", {"call": call, "tool": tool})
        with heard() as touched:
            try:
                result, error = effect(), ""
            except (ToolFailed, InvalidArguments, InvalidFinding) as failure:
                result, error = {}, f"{failure} {failure.hint}".strip()
        marker = CallResult(
            call_id=call,
            tool=tool,
            ok=not error,
            result=result,
            error=error,
            seconds=round(time.monotonic() - began, 3),
            finished_at=dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
            files=self._left(touched),
        )
        still_ours(self._workspace.root)
        file = self._workspace.write(f"results/calls/{call}.json", json_text(marker.model_dump(mode="json")) + "\n")
        enter_commit(self._ledger, marker, sha256_of(file))
        return marker

    def _left(self, touched: Iterable[Path]) -> dict[str, str]:
        """Hashes of what the call wrote, now safe on disk, but for what is made from the ledger and for passing files."""
        found = {}
        for path in sorted(touched):
            if not path.is_relative_to(self._workspace.root) or path.name.startswith("."):
                continue
            name = path.relative_to(self._workspace.root).as_posix()
            if name not in PROJECTIONS and not name.startswith(APART):
                found[name] = sha256_of(path, durable=True) if path.is_file() and not path.is_symlink() else ""
        return found


def enter_commit(ledger: Ledger, marker: CallResult, sha256: str) -> None:
    """Note a finished call in the ledger, one made again after damage once more; its marker lasts, and would be adopted without."""
    data = {"call": marker.call_id, "tool": marker.tool, "ok": marker.ok, "seconds": marker.seconds, "sha256": sha256}
    if ledger.append("call_committed", marker.call_id, data, lasting=False).data.get("sha256") != sha256:
        ledger.append("call_committed", f"{marker.call_id}#{time.time_ns()}", data, lasting=False)


def enter_adopted(ledger: Ledger, marker: CallResult, sha256: str) -> None:
    """Note a call of which only the marker tells."""
    ledger.append("call_adopted", marker.call_id, {"call": marker.call_id, "tool": marker.tool})
    enter_commit(ledger, marker, sha256)
