"""Log a finding in the run's ledger, the way `add_finding.py` does."""

from typing import Any

from pydantic import Field

from agent.core.findings import FindingKind
from agent.core.ledger import Ledger
from agent.core.tool import Record, Tool, ToolContext


class LogFindingArgs(Record):
    """What to log."""

    kind: FindingKind = Field(description="strength, bug, dx or improvement")
    entry: dict[str, Any] = Field(description="the finding's fields, as in the template on top of its file")
    agent: str = Field(description="who found it")
    key: str | None = Field(default=None, description="fingerprint: a finding with the same one is not logged again")


class LogFindingResult(Record):
    """Where it is now."""

    id: str = Field(description="e.g. BUG-001")
    path: str = Field(description="the file that lists it, relative to the run")
    new: bool = Field(description="false when the key was known: nothing was written")
    kind: str = Field(default="", description="of the finding")
    key: str = Field(default="", description="under which the ledger has it")
    row: dict[str, Any] = Field(default_factory=dict, description="the finding as the ledger has it")
    notes: tuple[str, ...] = Field(default=(), description="remarks, e.g. fields of the entry that were passed over")


def log_finding(args: LogFindingArgs, context: ToolContext) -> LogFindingResult:
    """Check the entry, give it an id and list it."""
    assert context.workspace is not None, "the caller sees to `needs_run`"
    logged = Ledger(context.workspace.root).log_finding(args.kind, args.entry, args.agent, args.key)
    path = context.workspace.relative(logged.path)
    row = dict(logged.row)
    return LogFindingResult(id=logged.id, path=path, new=logged.new, kind=args.kind, key=logged.key, row=row, notes=logged.notes)


TOOL = Tool(
    name="log_finding",
    help="Log a strength, bug, developer-experience issue or improvement in the run; its id is given by the ledger.",
    args=LogFindingArgs,
    result=LogFindingResult,
    run=log_finding,
    needs_run=True,
)
