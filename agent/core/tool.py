"""What a tool is: a named function from validated arguments to a validated result.

Adding a tool is one file in `tools/` that defines `TOOL`; the graph, the command line and the trace find it there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pydantic import ValidationError

from agent.core.chat import ChatModel
from agent.core.errors import InvalidArguments
from agent.core.events import Event
from agent.core.record import Record
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.workspace import Workspace

__all__ = ["Record", "Tool", "ToolContext"]

Args = TypeVar("Args", bound=Record)
Result = TypeVar("Result", bound=Record)


class Warm(Protocol):
    """Runs programs without an interpreter's start for each; see `tools.warm_python`."""

    def run(self, file: Path, args: Sequence[str], *, seconds: float, output_kib: int) -> Any:
        """How the program ended, as the sandbox tells it; None when it is to be run by itself."""
        ...


@dataclass(frozen=True)
class ToolContext:
    """What a tool may use.

    Attributes:
        settings: project paths and limits.
        target: the stageflow under test, or None for tools that do not need one.
        workspace: the run folder, or None when a tool is used by itself outside of a run.
        progress: takes one short line of progress for whoever watches.
        models: chat models in the order in which they are asked; none when the playbook decides alone.
        emit: takes what happens inside of a call, for the listeners of a mission.
        warm: a process that has imported the target, for programs of our own; None when each starts an interpreter.
    """

    settings: Settings
    target: Target | None
    workspace: Workspace | None
    progress: Callable[[str], None]
    models: tuple[ChatModel, ...] = ()
    emit: Callable[[Event], None] = lambda event: None
    warm: Warm | None = None


@dataclass(frozen=True)
class Tool(Generic[Args, Result]):
    """A tool: its name, the one-line help, and the function that does it.

    `needs_target` and `needs_run` say what must be in the context; the caller sees to it.
    The function raises `ToolFailed` when it cannot do its job.
    """

    name: str
    help: str
    args: type[Args]
    result: type[Result]
    run: Callable[[Args, ToolContext], Result]
    needs_target: bool = False
    needs_run: bool = False

    def call(self, raw: dict[str, Any], context: ToolContext) -> Result:
        """Validate `raw` and run.

        Raises:
            InvalidArguments: `raw` does not match the tool's record.
        """
        try:
            args = self.args.model_validate(raw)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise InvalidArguments(f"{self.name}: {problems}", hint=f"See `python -m agent tool {self.name} --help`.") from error
        return self.run(args, context)
