"""Shows a person what a mission waits for: at the terminal that it runs in, or as the command that lets it go on."""

import sys

from rich.console import Console

from agent.core.approvals import Approval, decided
from agent.core.settings import Settings
from agent.core.workspace import Workspace

WAITING = 5
"""Exit code of a mission that waits for a person."""


def described(approval: Approval) -> str:
    """What is asked, in full."""
    return f"{approval.title}\n{approval.text}"


def settled(workspace: Workspace, approval: Approval, console: Console) -> bool:
    """Ask at the terminal, when there is one; whether the mission can go on."""
    if approval.status != "waiting" or not (sys.stdin.isatty() and console.is_terminal):
        return False
    console.print(f"\n{described(approval)}\n", markup=False, highlight=False)
    answer = typed("y: allow it   n: do not   l: later > ", console)
    if answer[:1] not in ("y", "n"):
        return False
    why = typed("why not > ", console) if answer.startswith("n") else ""
    made = decided(workspace, approval, allowed=answer.startswith("y"), why=why)
    return made.status == "approved" or made.kind == "code"


def typed(prompt: str, console: Console) -> str:
    """A line from the terminal; empty at its end."""
    try:
        return console.input(prompt, markup=False).strip()
    except EOFError:
        return ""


def told(workspace: Workspace, approval: Approval, settings: Settings, console: Console) -> int:
    """Say what the mission waits for, and how it goes on; returns the exit code."""
    name = f"{workspace.root.parent.name}/{workspace.root.name}"
    where = "" if settings.runs == settings.project / "runs" else f" --runs {settings.runs}"
    if approval.status == "rejected":
        text = f"Ended by a person: {approval.title}, but may not end: {approval.why or 'no reason given'}\n"
        text += f"Report of what is there: {workspace.root / 'FINAL_REPORT.md'}\nTake it back with:\n"
        console.print(f"{text}  python -m agent approve {name}{where}", markup=False, highlight=False, soft_wrap=True)
        return WAITING
    text = f"\n{described(approval)}\n\nWaiting for approval; nothing is lost. Go on with one of:\n"
    no = f'  python -m agent approve {name}{where} --reject "WHY"'
    console.print(f"{text}  python -m agent approve {name}{where}\n{no}", markup=False, highlight=False, soft_wrap=True)
    return WAITING
