"""The tool that plays what a model wrote as a newcomer: does the script do the task, and if not, what did the framework tell it?

No finding follows from it: it measures the developer experience (phase 5), with the model's confusion as the instrument.
"""

from typing import Literal

from pydantic import Field

from agent.core.tool import Record, Tool, ToolContext
from agent.court.written import refusal
from tools.resolve_names import resolve_names
from tools.run_code import run_python
from tools.sandbox.text import plain
from tools.target_api import load_api

SECONDS = 20.0
SAID = 400
"""Characters of an error that are kept, and shown to the model again."""
TASKS: dict[str, tuple[str, str]] = {
    "two-stages": (
        "Build a pipeline of two stages: the first gives the number 20, the second depends on it and gives that number plus 3. "
        "Run it and print the second number.",
        "23",
    ),
    "failing-stage": (
        "Build a pipeline of one stage that raises ValueError('no price'). Run it, catch what the run raises, and print the name of the "
        "stage that failed, `pricing`.",
        "pricing",
    ),
}
"""What is asked, and the last line that a script which did it prints."""


class PlayNewcomer(Record):
    """A script for a task."""

    task: str = Field(description=f"one of {', '.join(TASKS)}")
    attempt: int = Field(ge=1, le=9, description="which attempt it is")
    code: str = Field(max_length=6000, description="the whole script")


class NewcomerPlayed(Record):
    """What came of it."""

    worked: bool = Field(description="it ended with 0, and its last line is what the task asks for")
    stage: Literal["sandbox", "approval", "form", "ran"] = Field(description="how far it came")
    wrong_names: tuple[str, ...] = Field(default=(), description="names of the framework that it used and that do not exist")
    said: str = Field(default="", description="the last lines of its error, or what it printed instead")
    script: str = Field(default="", description="the script, relative to the run")


def play_newcomer(args: PlayNewcomer, context: ToolContext) -> NewcomerPlayed:
    """Run the script in a sandbox of its own and compare its last line with the task's."""
    assert context.workspace and context.target
    _, wanted = TASKS[args.task]
    if found := refusal(context.settings):
        return NewcomerPlayed(worked=False, stage="sandbox", said=found)
    script = context.workspace.write(f"dx_evaluation/newcomer/{args.task}-{args.attempt}.py.txt", args.code)
    kept = context.workspace.relative(script)
    try:
        compile(args.code, "script.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return NewcomerPlayed(worked=False, stage="form", said=f"{type(error).__name__}: {error}"[:SAID], script=kept)
    wrong = tuple(found.name for found in resolve_names(args.code, load_api(context.target, context.settings)))
    done = run_python(["-c", args.code], context=context, seconds=SECONDS)
    out, err = plain(done.stdout), plain(done.stderr)
    worked = done.exit_code == 0 and (out.strip().splitlines() or [""])[-1].strip() == wanted
    said = "" if worked else (err.strip() or f"it printed {out.strip()[-200:]!r}, asked for was {wanted!r}")[-SAID:]
    return NewcomerPlayed(worked=worked, stage="ran", wrong_names=tuple(dict.fromkeys(wrong)), said=said, script=kept)


def not_allowed(why: str) -> NewcomerPlayed:
    """What a person did not allow to run."""
    return NewcomerPlayed(worked=False, stage="approval", said=f"a person did not allow it: {why or 'no reason given'}")


TOOL = Tool(
    name="play_newcomer",
    help="Run a script that a model wrote as a newcomer, and say whether it does its task.",
    args=PlayNewcomer,
    result=NewcomerPlayed,
    run=play_newcomer,
    needs_target=True,
    needs_run=True,
)
