"""Writes a Python file into the run folder after it was parsed, its stageflow names resolved, and it was imported once."""

import hashlib
import json
import sys
import warnings
from pathlib import Path
from typing import Literal

from pydantic import Field

from agent.core.errors import ToolFailed, WorkspaceEscape
from agent.core.target import Target
from agent.core.tool import Record, Tool, ToolContext
from agent.core.workspace import Workspace
from agent.core.written import told
from tools.resolve_names import resolve_names
from tools.target_api import load_api
from tools.target_process import run_in_target

FOLDERS = ("pipelines/", "tests/", "mocks/services/", "findings/")
"""Where code may be written."""
IMPORT_SECONDS = 20.0


class WriteCodeArgs(Record):
    """A file and its content."""

    path: str = Field(
        description="file relative to the run folder, below pipelines/, tests/, mocks/services/ or findings/", pattern=r"\.py$"
    )
    code: str = Field(description="the whole content", max_length=1_000_000)
    imports_check: bool = Field(default=True, description="import the module once in the target's interpreter before it counts")


class Problem(Record):
    """Why the file was not written."""

    stage: Literal["parse", "names", "import"] = Field(description="the check that failed; later checks were not made")
    line: int = Field(description="line of the code, from 1; 0 when unknown")
    message: str = Field(description="what is wrong")
    suggestion: str = Field(default="", description="what to write instead, when that is known")


class WriteCodeResult(Record):
    """Whether the file is there now."""

    ok: bool = Field(description="all checks passed and the file holds this code")
    path: str = Field(description="the file, relative to the run folder")
    sha256: str = Field(description="hash of the code as given")
    problems: tuple[Problem, ...] = Field(default=(), description="empty when ok")


def write_code(args: WriteCodeArgs, context: ToolContext) -> WriteCodeResult:
    """Check the code and put it in place; code that fails a check is not there afterwards, an earlier version of the file stays.

    The code is imported from a hidden neighbour of its final name, so that not even a kill in between leaves an unchecked file.
    """
    target, workspace = context.target, context.workspace
    if target is None or workspace is None:
        raise ToolFailed("write_code needs a run folder and a stageflow to check against")
    path = _allowed(workspace, args.path)
    problems = _parse(args.code)
    if not problems:
        problems = [
            Problem(stage="names", line=found.line, message=found.message, suggestion=", ".join(found.suggestions))
            for found in resolve_names(args.code, load_api(target, context.settings))
        ]
    if not problems and args.imports_check:
        problems = _import(workspace, path, args.code, target, context)
    raw = args.code.encode("utf-8", "replace")
    final = workspace.path(path)
    there = final.is_file() and final.read_bytes() == raw
    if problems and there:
        final.unlink()
    elif not problems and not there:
        workspace.write(path, raw)
    told(final)
    return WriteCodeResult(ok=not problems, path=path, sha256=hashlib.sha256(raw).hexdigest(), problems=tuple(problems))


def _allowed(workspace: Workspace, relative: str) -> str:
    """The path in its plain form.

    Raises:
        WorkspaceEscape: it is not below one of `FOLDERS`.
    """
    plain = workspace.relative(workspace.path(relative))
    if not plain.startswith(FOLDERS) or not plain.endswith(".py"):
        raise WorkspaceEscape(f"write_code does not write {plain!r}", hint=f"Choose a .py file below {', '.join(FOLDERS)}.")
    return plain


def _parse(code: str) -> list[Problem]:
    """The syntax error, if there is one, with the text of its line."""
    try:
        code.encode("utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape sequence is not an error
            compile(code, "<code>", "exec", dont_inherit=True)
    except SyntaxError as error:
        line = error.lineno or 0
        text = code.splitlines()[line - 1].strip() if 0 < line <= len(code.splitlines()) else ""
        return [Problem(stage="parse", line=line, message=f"{error.msg}: {text}")]
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes, lone surrogates, nesting too deep
        return [Problem(stage="parse", line=0, message=f"{type(error).__name__}: {error}")]
    return []


def _import(workspace: Workspace, path: str, code: str, target: Target, context: ToolContext) -> list[Problem]:
    """What happens when the target's interpreter imports the code as the module it is going to be."""
    final = workspace.path(path)
    candidate = workspace.write(workspace.relative(final.with_name(f".{final.stem}.candidate.py")), code)
    arguments = [str(candidate), path.removesuffix(".py").replace("/", "."), str(workspace.root), str(final.parent)]
    script = Path(__file__).resolve().parents[1] / "components" / "lab" / "import_file.py"
    try:
        done = run_in_target(script, arguments, target, context.settings, folder=workspace.root, seconds=IMPORT_SECONDS, warm=context.warm)
    finally:
        candidate.unlink(missing_ok=True)
    if done.timed_out:
        hint = 'keep work out of the module\'s top level: `if __name__ == "__main__":`'
        return [Problem(stage="import", line=0, message=f"the import takes more than {IMPORT_SECONDS:g} s", suggestion=hint)]
    try:
        answer = json.loads(done.output)
    except ValueError:
        return [Problem(stage="import", line=0, message=f"the import ended the process: {done.last_error}")]
    if answer["ok"]:
        return []
    return [Problem(stage="import", line=answer["line"], message=answer["error"], suggestion=_available(answer["missing"]))]


def _available(missing: str) -> str:
    """Advice for a module that cannot be found."""
    if not missing or missing.partition(".")[0] in sys.stdlib_module_names:
        return ""
    return "use the standard library, stageflow, and modules of this run only"


TOOL = Tool(
    name="write_code",
    help="Write a Python file into the run folder once it parses, uses only names that exist, and imports.",
    args=WriteCodeArgs,
    result=WriteCodeResult,
    run=write_code,
    needs_target=True,
    needs_run=True,
)
