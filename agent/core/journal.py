"""Every tool call happens once: intent first, commit marker last, and a committed call is never made again."""

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from agent.core.artifacts import Action, CallResult
from agent.core.errors import InvalidArguments, InvalidFinding, ToolFailed
from agent.core.ledger import Ledger
from agent.core.workspace import Workspace


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
            finished_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        )
        self._workspace.write_json(f"results/calls/{call}.json", marker.model_dump(mode="json"))
        self._ledger.append("call_committed", call, {"call": call, "tool": tool, "ok": marker.ok, "seconds": marker.seconds})
        return marker
