"""Runs a Python file with the interpreter of the target, in the sandbox, exactly as a mission would."""

import datetime as dt
import gzip
import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from agent.core.errors import ToolFailed, UsageError
from agent.core.files import write_atomic
from agent.core.target import Target
from agent.core.tool import Record, Tool, ToolContext
from agent.core.workspace import Workspace
from agent.core.written import noticed
from tools.sandbox import Job, OnLine, Outcome, choose
from tools.sandbox.text import plain

LAST_CHARACTERS = 20_000
PROGRESS_CHARACTERS = 100
WRITABLE = ("results/metrics", "results/traces", "results/logs")
"""What a program may change in a run folder: not the markers of finished calls, and not the ledger."""
OUTPUT_KIB = 8192
"""How much of each output stream of a program goes to its log."""
PLAIN_BYTES = 32_000
"""A log that is longer is kept compressed, as `.log.gz`: to about a twentieth, as logs repeat themselves."""


class RunCodeArgs(Record):
    """What to run."""

    file: str = Field(description="Python file: inside the run folder, or any file when there is no run")
    args: tuple[str, ...] = Field(default=(), description="arguments of the program")
    seconds: float = Field(default=60.0, gt=0, le=3600, description="wall-clock limit")
    memory_mb: int = Field(default=1024, ge=64, le=65536, description="memory limit of each process")
    name: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,80}$", description="name of the log; the file's name when empty")
    warm: bool = Field(default=False, description="in a fork of a process that has imported the target; for code of this program only")


class RunCodeResult(Record):
    """How the program ended."""

    exit_code: int | None
    """What it returned, minus the signal number when it died of one; None when it was killed for running too long."""
    timed_out: bool
    seconds: float
    peak_memory_kib: int
    """Largest resident size; 0 when it could not be read."""
    stdout: str
    """The last 20,000 characters, without terminal escapes."""
    stderr: str
    """The last 20,000 characters, without terminal escapes."""
    truncated: bool
    """Some output is not here; the log may hold more."""
    sandbox: str
    log: str | None
    """The log, relative to the run folder, `.gz` when it is long; None when there is no run."""


def run_python(
    argv: list[str],
    *,
    context: ToolContext,
    cwd: Path | None = None,
    packages: tuple[Path, ...] = (),
    readable: tuple[Path, ...] = (),
    writable: tuple[Path, ...] = (),
    env: Mapping[str, str] | None = None,
    seconds: float = 60.0,
    memory_mb: int = 1024,
    processes: int = 256,
    output_kib: int = 1024,
    stdin: bytes = b"",
    on_line: OnLine | None = None,
) -> Outcome:
    """Run `target.python *argv` in the sandbox, with a home and temporary folder that are deleted afterwards.

    Args:
        argv: arguments of the interpreter, e.g. `["-m", "components.lab.runner"]`.
        context: gives the target and the choice of sandbox.
        cwd: working folder; the scratch folder when None.
        packages: package folders to make importable beside the target, e.g. `<project>/components`.
        readable: further paths that may be read.
        writable: existing paths that may be changed.
        env: additions to the environment.
        seconds: wall-clock limit.
        memory_mb: memory limit of each process.
        processes: how many processes and threads may exist at once.
        output_kib: how much of each output stream is kept.
        stdin: what the program reads.
        on_line: sees each line of standard output as it comes.

    Raises:
        ToolFailed: there is no target, or the job could not be started.
        EnvironmentUnfit: the chosen sandbox does not work here.
    """
    target = _target(context)
    shown = (*((target.package,) if target.search_path else ()), *(folder.resolve() for folder in packages))
    with tempfile.TemporaryDirectory(prefix="scratch-", ignore_cleanup_errors=True) as made:
        scratch = Path(made).resolve()
        job = Job(
            [str(target.python), *argv],
            cwd or scratch,
            writable=(*writable, scratch),
            readable=(*shown, *readable),
            listable=tuple(dict.fromkeys(folder.parent for folder in shown)),
            env={**environment(scratch, [folder.parent for folder in shown]), **(env or {})},
            seconds=seconds,
            memory_mb=memory_mb,
            processes=processes,
            output_kib=output_kib,
            stdin=stdin,
        )
        return choose(context.settings.sandbox).run(job, on_line)


def environment(scratch: Path, search: list[Path]) -> dict[str, str]:
    """The whole environment of a program: reproducible, and nothing of the caller's."""
    fixed = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",  # a program that is killed has said what it had to say
    }
    return fixed | ({"PYTHONPATH": ":".join(dict.fromkeys(map(str, search)))} if search else {})


def run_code(args: RunCodeArgs, context: ToolContext) -> RunCodeResult:
    """Run the file and log the run.

    Raises:
        UsageError: there is no such file.
        ToolFailed: it could not be started.
    """
    file = _file(args.file, context.workspace)
    space = context.workspace
    writable = writable_in(space) if space else ()
    with noticed(writable):
        log = Log(space, args, file, _target(context), choose(context.settings.sandbox).name) if space else None
        outcome: Outcome | None = None
        if args.warm and context.warm:
            outcome = context.warm.run(file, args.args, seconds=args.seconds, output_kib=OUTPUT_KIB)
        outcome = outcome or run_python(
            [str(file), *args.args],
            context=context,
            cwd=space.root if space else None,
            readable=(space.root,) if space else (file,),
            writable=writable,
            seconds=args.seconds,
            memory_mb=args.memory_mb,
            output_kib=OUTPUT_KIB,
            on_line=lambda line: context.progress(told(line)),
        )
        if log:
            log.finish(outcome)
    stdout, stderr = plain(outcome.stdout), plain(outcome.stderr)
    return RunCodeResult(
        exit_code=outcome.exit_code,
        timed_out=outcome.timed_out,
        seconds=round(outcome.seconds, 4),
        peak_memory_kib=outcome.peak_memory_kib,
        stdout=stdout[-LAST_CHARACTERS:],
        stderr=stderr[-LAST_CHARACTERS:],
        truncated=outcome.truncated or max(len(stdout), len(stderr)) > LAST_CHARACTERS,
        sandbox=choose(context.settings.sandbox).name,
        log=log.relative if log else None,
    )


def writable_in(space: Workspace) -> tuple[Path, ...]:
    """Folders of a run that programs may change; made when they are not there."""
    return tuple(_folder(space, place) for place in WRITABLE)


def told(line: bytes) -> str:
    """One line of output as progress: the message of a structured log line, the line itself otherwise."""
    text = plain(line)
    try:
        entry = json.loads(text)
    except ValueError:
        entry = None
    return str(entry["message"] if isinstance(entry, dict) and "message" in entry else text)[:PROGRESS_CHARACTERS]


class Log:
    """One log file: the configuration of the run first, what came of it afterwards; only ever appended to."""

    def __init__(self, space: Workspace, args: RunCodeArgs, file: Path, target: Target, sandbox: str) -> None:
        now = dt.datetime.now(dt.UTC)
        self.relative = f"results/logs/{args.name or file.stem}_{now:%Y%m%dT%H%M%S%fZ}.log"
        self.path = space.path(self.relative)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        header = {
            "file": space.relative(file),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "args": " ".join(map(repr, args.args)),
            "target": f"stageflow {target.version} ({target.label}, fingerprint {target.fingerprint})",
            "sandbox": sandbox,
            "limits": f"{args.seconds:g} s, {args.memory_mb} MB",
            "started": now.isoformat(),
        }
        self.header = _header(header)
        self.append(self.header)

    def _begins_as_written(self) -> bool:
        """Whether the header is still there; what else took the log's place is put away."""
        if not self.path.is_file():
            shutil.rmtree(self.path, ignore_errors=True)
            return False
        with self.path.open("rb") as stream:
            return stream.read(len(self.header.encode())) == self.header.encode()

    def append(self, text: str) -> None:
        """Add text at the end."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(text)

    def finish(self, outcome: Outcome) -> None:
        """Add both outputs and how the run ended; the header again, where the program changed its own log."""
        if not self._begins_as_written():
            self.append(f"{self.header}# the program had changed this log\n")
        ended = f"over its {outcome.seconds:.3f} s, killed" if outcome.timed_out else f"exit code {outcome.exit_code}"
        facts = {
            "ended": ended,
            "seconds": f"{outcome.seconds:.3f}",
            "peak memory": f"{outcome.peak_memory_kib} KiB",
            "truncated": outcome.truncated,
        }
        self.append(f"# --- standard output\n{_whole(outcome.stdout)}# --- standard error\n{_whole(outcome.stderr)}{_header(facts)}")
        kept = packed(self.path)
        self.relative = f"{self.relative}{kept.name.removeprefix(self.path.name)}"
        self.path = kept


def packed(log: Path) -> Path:
    """Compress a log when it is long; where it is now."""
    if log.stat().st_size <= PLAIN_BYTES:
        return log
    place = log.with_name(f"{log.name}.gz")
    if place.is_dir() and not place.is_symlink():  # the program knew the name
        shutil.rmtree(place)
    write_atomic(place, gzip.compress(log.read_bytes(), 5, mtime=0))
    log.unlink()
    return place


def _header(facts: Mapping[str, object]) -> str:
    return "".join(f"# {name}: {value}\n" for name, value in facts.items())


def _whole(raw: bytes) -> str:
    text = plain(raw)
    return text if not text or text.endswith("\n") else text + "\n"


def _target(context: ToolContext) -> Target:
    if context.target is None:
        raise ToolFailed("there is no target to run code with", hint="Give one with --target.")
    return context.target


def _file(given: str, space: Workspace | None) -> Path:
    path = space.path(given) if space else Path(given).expanduser().resolve()
    if not path.is_file():
        raise UsageError(f"there is no file {given!r}", hint="Give the path of a Python file.")
    return path


def _folder(space: Workspace, relative: str) -> Path:
    path = space.path(relative)
    path.mkdir(parents=True, exist_ok=True)
    return path


TOOL = Tool(
    name="run_code",
    help="run a Python file with the target's interpreter in the sandbox",
    args=RunCodeArgs,
    result=RunCodeResult,
    run=run_code,
    needs_target=True,
)
