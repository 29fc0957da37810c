"""Runs a script of this project in the target's interpreter, sandboxed: what it imports, nobody has vetted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext, Warm
from tools.run_code import run_python

OUTPUT_KIB = 16 * 1024
"""An answer is wanted whole: the API of a release is about 1 MB."""


@dataclass(frozen=True)
class Finished:
    """How a process ended.

    Attributes:
        exit_code: None when the sandbox killed it; negative for a signal.
        timed_out: it was killed at the time limit.
        output: its standard output.
        errors: its standard error.
    """

    exit_code: int | None
    timed_out: bool
    output: str
    errors: str

    @property
    def last_error(self) -> str:
        """The last line of standard error, or how it ended."""
        lines = self.errors.strip().splitlines()
        return lines[-1].strip() if lines else f"exit status {self.exit_code}"


def run_in_target(
    script: Path,
    arguments: Sequence[str],
    target: Target,
    settings: Settings,
    *,
    seconds: float,
    folder: Path | None = None,
    warm: Warm | None = None,
) -> Finished:
    """Run `script` with nothing importable but the target and its environment; it may read `folder`, its working folder.

    With `warm`, which has that folder, in a fork of a process that has imported the target.

    Raises:
        ToolFailed: it could not be started.
        EnvironmentUnfit: the chosen sandbox does not work here.
    """
    done = warm.run(script, arguments, seconds=seconds, output_kib=OUTPUT_KIB) if warm else None
    done = done or run_python(
        ["-P", "-s", "-B", str(script), *arguments],
        context=ToolContext(settings, target, None, lambda line: None),
        cwd=folder,
        readable=(script, folder) if folder else (script,),
        seconds=seconds,
        output_kib=OUTPUT_KIB,
    )
    return Finished(done.exit_code, done.timed_out, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
