"""Pauses the graph until a person has decided: before code that a model wrote is run, or at the end of a phase."""

from langgraph.types import interrupt

from agent.core.approvals import Approval, asked
from agent.core.artifacts import Action, PhaseName, PhaseRecord
from agent.core.records import read_record
from agent.core.tool import ToolContext
from agent.court.written import TOOL, PlayWritten, objection, rejected
from agent.phases.base import Mission


def code_asked(phase: PhaseName, action: Action, mission: Mission, context: ToolContext) -> None:
    """Pause unless the action may be made; one that a person rejected is committed as dropped, so that it is not made.

    Code that fails the checks before it would run is not shown to anybody: the tool drops it.
    """
    call = mission.call_id(phase, action)
    if mission.settings.approve not in ("code", "all") or action.tool != TOOL.name or mission.journal.committed(call):
        return
    args = PlayWritten.model_validate(action.args)
    if objection(args, context):
        return
    title = f"{phase} wants to run what a model wrote: {args.name}, {args.probe.rpartition('/')[2]} {args.subject}".strip()
    approval = asked(mission.workspace, Approval(key=call, kind="code", title=title, text=code_text(args, mission)))
    if approval.status == "waiting":
        interrupt(approval.key)
    if approval.status == "rejected":
        mission.journal.once(call, action.tool, lambda: rejected(args, approval.why, context).model_dump(mode="json"))


def code_text(args: PlayWritten, mission: Mission) -> str:
    """The claim that is tested, on what, and the code."""
    body = args.code.strip("\n") or "\n".join(str(row) for row in args.stages)
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    return f"claim: {mission.catalogue[args.probe].claim}\ncase: {args.subject or 'a workload of its own'}\n\n{indented}"


def phase_asked(record: PhaseRecord, mission: Mission) -> None:
    """Pause unless the phase may end; a record that is on disk already was let through before."""
    if mission.settings.approve not in ("phases", "all") or read_record(mission.workspace, type(record)) == record:
        return
    title = f"{record.phase} is done"
    approval = asked(mission.workspace, Approval(key=f"{record.phase}/end", kind="phase", title=title, text=phase_text(record)))
    if approval.status != "approved":
        interrupt(approval.key)


def phase_text(record: PhaseRecord) -> str:
    """A phase's record, a line for each field."""
    told = record.model_dump(mode="json", exclude={"phase", "artifacts", "missing"})
    lines = [f"{name.replace('_', ' ')}: {brief(value)}" for name, value in told.items()]
    return "\n".join([*lines, f"files: {len(record.artifacts)}", *(f"not met: {line}" for line in record.missing)])


def brief(value: object) -> str:
    """A field in a few words."""
    if isinstance(value, dict):
        return ", ".join(f"{number} {name}" for name, number in value.items()) or "none"
    if isinstance(value, list):
        short = ", ".join(value) if all(isinstance(item, str) for item in value) else ""
        return short if 0 < len(short) <= 200 else str(len(value))
    return str(value)
