"""What the ledger knows of a run's files: which calls were committed, which phases settled, with which hashes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from agent.core.ledger_lines import LedgerRecord

PREPARED, ENTERED, SETTLED, VOIDED = "run_prepared", "phase_entered", "phase_settled", "voided"
REPORTED, WRITTEN = "report_rendered", "pages_written"
"""Kinds of ledger records: a process began with a configuration, a phase was begun, has its record; what of the earlier is no longer
to be believed; the pages of the report are about to be written; these or those of the configuration have been."""


def action_of(call: str) -> str:
    """`<phase>/<action id>` of a call id."""
    return call.rpartition("-")[0]


@dataclass
class Known:
    """The ledger's word, its latest on every matter.

    Attributes:
        config: the configuration of the run.
        files: hashes of the files of `config/` and of the report's pages, noted before they are written.
        pending: files of these that nobody has finished writing: a kill may have come between.
        calls: committed call -> hash of its marker, in the order of their commits.
        started: calls with an intent.
        open: action -> the call that was begun last for it and is not committed.
        records: phase -> hash of its record, for phases that were settled and not begun again.
        entered: whether a phase was ever begun.
        prepared: how often a process began.
    """

    config: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    calls: dict[str, str] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)
    open: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    entered: bool = False
    prepared: int = 0

    def take(self, record: LedgerRecord) -> None:
        """The next record of the ledger."""
        data = record.data
        match record.kind:
            case "call_adopted":
                self.started.add(data["call"])
            case "call_started":
                self.started.add(data["call"])
                self.open[action_of(data["call"])] = data["call"]
            case "call_committed":
                self.calls.pop(data["call"], None)
                self.calls[data["call"]] = data.get("sha256", "")
                self.open.pop(action_of(data["call"]), None)
            case "phase_entered":
                self.entered = True
                self.records.pop(data["phase"], None)
            case "phase_settled":
                self.records[data["phase"]] = data["sha256"]
            case "voided":
                self._forget(data)
            case "report_rendered":
                self._announce(data["files"])
            case "pages_written":
                self.pending.difference_update(data["files"])
            case "run_prepared":
                self.prepared += 1
                self.config = data["config"]
                self._announce(data["files"])

    def _announce(self, files: dict[str, str]) -> None:
        self.files.update(files)
        self.pending.update(files)

    def _forget(self, data: dict[str, Any]) -> None:
        for call in data["calls"]:
            self.calls.pop(call, None)
        for phase in data["phases"]:
            self.records.pop(phase, None)
        for path in data["files"]:
            self.files.pop(path, None)


def known_of(records: Iterable[LedgerRecord]) -> Known:
    """Everything that the records say."""
    known = Known()
    for record in records:
        known.take(record)
    return known
