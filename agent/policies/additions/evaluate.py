"""Phase 5, added: the model as a newcomer, with the first page, a task and a few attempts; what it stumbles over is counted."""

from typing import Any

from agent.core.artifacts import Action, Evaluation
from agent.core.pages import page
from agent.court.newcomer import TASKS, NewcomerPlayed
from agent.models.decisions import ProbeCode
from agent.phases.base import Mission, Plan
from agent.policies.additions.notes import Step, ask, attempted, noted

ATTEMPTS = 2
PAGE = "docs/getting-started/quickstart.md"
SHOWN = 800
"""Characters of the page that a newcomer is given."""
FILES = ("dx_evaluation/newcomer.json", "dx_evaluation/newcomer.md")


def additions(mission: Mission, floor: Evaluation) -> Plan:
    """Have the model do each task, and write down attempts, names guessed wrong, and errors met."""
    rows: list[dict[str, Any]] = []
    for task in TASKS:
        rows += yield from attempted(newcomer(mission, task), [], mission, "evaluate", f"the newcomer's task {task}")
    if not rows:
        return floor
    mission.workspace.write_json(FILES[0], rows)
    mission.workspace.write(FILES[1], page("newcomer.md.j2", rows=rows, tasks=TASKS, attempts=ATTEMPTS))
    return floor.model_copy(update={"artifacts": mission.hashes(*FILES) | floor.artifacts})


def newcomer(mission: Mission, task: str) -> Step[list[dict[str, Any]]]:
    """One task: its attempts, until one works."""
    asked, wanted = TASKS[task]
    slots = {"task": asked, "wanted": wanted, "page": first_page(mission)}
    code = yield from ask(ProbeCode, "newcomer", slots, f"the newcomer's task {task}", f"-{task}")
    rows: list[dict[str, Any]] = []
    for attempt in range(1, ATTEMPTS + 1):
        if code is None:
            return rows
        args = {"task": task, "attempt": attempt, "code": code.code}
        done = yield Action(id=f"newcomer-{task}-{attempt}", tool="play_newcomer", args=args, why=f"run the newcomer's script for {task}")
        if not done.ok:
            noted(mission, "evaluate", f"the newcomer's task {task}", done.error)
            return rows
        played = NewcomerPlayed.model_validate(done.result)
        if played.stage in ("sandbox", "approval"):
            noted(mission, "evaluate", f"the newcomer's task {task}", played.said)
            return rows
        rows.append({"task": task, "attempt": attempt, **played.model_dump(mode="json")})
        if played.worked:
            return rows
        if attempt < ATTEMPTS:
            again = {"task": asked, "wanted": wanted, "code": code.code, "problem": played.said}
            code = yield from ask(ProbeCode, "newcomer_again", again, f"the newcomer's next attempt at {task}", f"-{task}-{attempt}")
    return rows


def first_page(mission: Mission) -> str:
    """The beginning of the release's quick start; empty when its documentation is not here."""
    file = mission.settings.docs / "upstream" / mission.target.version / PAGE
    return file.read_text(encoding="utf-8", errors="replace")[:SHOWN] if file.is_file() else ""
