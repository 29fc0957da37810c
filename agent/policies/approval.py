"""Pauses the graph until a person has decided: before code that a model wrote is run, or at the end of a phase."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.core.approvals import Approval, asked
from agent.core.artifacts import Action, PhaseName, PhaseRecord
from agent.core.orchestration import interrupt
from agent.core.records import read_record
from agent.core.tool import Record, ToolContext
from agent.court import newcomer, written
from agent.phases.base import Mission


@dataclass(frozen=True)
class Wish:
    """A call that would run what a model wrote.

    Attributes:
        title: what it is, in one line.
        text: the claim or task, and the code.
        dropped: result of the call when a person says no, for a reason.
    """

    title: str
    text: str
    dropped: Callable[[str], Record]


def code_asked(phase: PhaseName, action: Action, mission: Mission, context: ToolContext) -> None:
    """Pause unless the action may be made; one that a person rejected is committed as dropped, so that it is not made.

    Code that fails the checks before it would run is not shown to anybody: the tool drops it.
    """
    call = mission.call_id(phase, action)
    if mission.settings.approve not in ("code", "all") or action.tool not in WISHES or mission.journal.committed(call):
        return
    if (wish := WISHES[action.tool](action, mission, context)) is None:
        return
    title = f"{phase} wants to run what a model wrote: {wish.title}".strip()
    approval = asked(mission.workspace, Approval(key=call, kind="code", title=title, text=wish.text))
    if approval.status == "waiting":
        interrupt(approval.key)
    if approval.status == "rejected":
        mission.journal.once(call, action.tool, lambda: wish.dropped(approval.why).model_dump(mode="json"))


def probe_wish(action: Action, mission: Mission, context: ToolContext) -> Wish | None:
    """A probe; None when the tool drops it by itself."""
    args = written.PlayWritten.model_validate(action.args)
    if written.objection(args, context):
        return None
    title = f"{args.name}, {args.probe.rpartition('/')[2]} {args.subject}"
    return Wish(title, code_text(args, mission), lambda why: written.rejected(args, why, context))


def newcomer_wish(action: Action, mission: Mission, context: ToolContext) -> Wish | None:
    """A newcomer's script; None when the tool drops it by itself."""
    args = newcomer.PlayNewcomer.model_validate(action.args)
    if written.refusal(context.settings):
        return None
    task, _ = newcomer.TASKS[args.task]
    return Wish(f"the newcomer's task {args.task}, attempt {args.attempt}", f"task: {task}\n\n{indented(args.code)}", newcomer.not_allowed)


WISHES: Mapping[str, Callable[[Action, Mission, ToolContext], Wish | None]] = {
    written.TOOL.name: probe_wish,
    newcomer.TOOL.name: newcomer_wish,
}
"""Tools that run what a model wrote."""


def indented(code: str) -> str:
    """Code as a block of a text."""
    return "\n".join(f"    {line}" for line in code.strip("\n").splitlines())


def code_text(args: written.PlayWritten, mission: Mission) -> str:
    """The claim that is tested, on what, and the code."""
    body = args.code or "\n".join(str(row) for row in args.stages)
    return f"claim: {mission.catalogue[args.probe].claim}\ncase: {args.subject or 'a workload of its own'}\n\n{indented(body)}"


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
