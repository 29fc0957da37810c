"""Analyse the log of a test: counts, templates, and everything in it that deserves a look."""

import gzip
import zlib
from pathlib import Path
from typing import IO, cast

from pydantic import Field

from agent.core.errors import ToolFailed
from agent.core.tool import Record, Tool, ToolContext
from agent.core.workspace import Workspace
from tools.logs.analysis import Analyser, Analysis, analyse
from tools.logs.baseline import read_templates
from tools.logs.flags import Flag
from tools.logs.pairs import Pair
from tools.logs.render import errors, flag_counts, statistics, summary

FLAGS_RETURNED = 100


class AnalyzeLogsArgs(Record):
    """Which log, and what is expected of it."""

    log: str = Field(description="path of the log, relative to the run; unpacked when it ends in .gz")
    name: str = Field(description="name of the test; the files are called after it", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    expected_pairs: tuple[tuple[str, str], ...] = Field(
        default=(),
        description="regular expressions [start, end]; equal groups tie them together, else the correlation id does",
        max_length=50,
    )
    baseline: str | None = Field(default=None, description="path of a log, relative to the run, to compare the messages with")
    gap_seconds: float = Field(default=5.0, gt=0, description="a longer silence is flagged")
    errors_expected: bool = Field(default=True, description="false for a test that should pass: every error is flagged")


class AnalyzeLogsResult(Record):
    """Counts, flags and the files written."""

    entries: int = Field(description="entries read; a traceback is one")
    levels: dict[str, int] = Field(description="level -> count")
    errors: int = Field(description="lines logged as errors, and tracebacks that stand alone")
    templates: int = Field(description="different messages")
    flag_counts: dict[str, int] = Field(description="pattern -> flags")
    flags: tuple[Flag, ...] = Field(description=f"the first {FLAGS_RETURNED} flags")
    checks_without_result: tuple[str, ...] = Field(description="checks that this log does not allow, each with the reason")
    files: tuple[str, ...] = Field(description="what was written, relative to the run")


def analyze_logs(args: AnalyzeLogsArgs, context: ToolContext) -> AnalyzeLogsResult:
    """Read the log once and write summary, statistics and errors."""
    assert context.workspace is not None, "the caller sees to `needs_run`"
    workspace = context.workspace
    log = _existing(workspace, args.log)
    baseline = _existing(workspace, args.baseline) if args.baseline else None
    analyser = Analyser(tuple(Pair(start, end) for start, end in args.expected_pairs), args.gap_seconds, args.errors_expected)
    try:
        table = None
        if baseline:
            with _opened(baseline) as stream:
                table = read_templates(stream)
        with _opened(log) as stream:
            found = analyse(stream, analyser, table)
            size = stream.tell()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ToolFailed(f"{args.log} is no whole gzip file: {error}", hint="Run the test that wrote it again.") from error
    except OSError as error:
        raise ToolFailed(f"cannot read {error.filename}: {error.strerror}", hint="Fix its permissions.") from error
    context.progress(f"{args.log}: {found.entries} entries, {sum(flag_counts(found).values())} flags")
    return _result(found, _write(workspace, args, size, found))


def _opened(log: Path) -> IO[bytes]:
    """The log's text, unpacked where it is kept compressed."""
    return cast(IO[bytes], gzip.open(log)) if log.suffix == ".gz" else log.open("rb")


def _existing(workspace: Workspace, relative: str) -> Path:
    path = workspace.path(relative)
    if not path.is_file():
        raise ToolFailed(f"there is no log {relative}", hint="Give its path relative to the run folder.")
    return path


def _write(workspace: Workspace, args: AnalyzeLogsArgs, size: int, found: Analysis) -> tuple[str, ...]:
    stem = f"results/logs/{args.name}"
    written = (
        workspace.write(f"{stem}_analysis.md", summary(args.name, args.log, size, found)),
        workspace.write_json(f"{stem}_stats.json", statistics(args.log, size, found)),
        workspace.write_json(f"{stem}_errors.json", errors(args.log, found)),
    )
    return tuple(workspace.relative(path) for path in written)


def _result(found: Analysis, files: tuple[str, ...]) -> AnalyzeLogsResult:
    return AnalyzeLogsResult(
        entries=found.entries,
        levels=found.levels,
        errors=found.errors.total,
        templates=len(found.table.templates),
        flag_counts=flag_counts(found),
        flags=tuple(flag for check in found.checks for flag in check.flags)[:FLAGS_RETURNED],
        checks_without_result=tuple(f"{check.check}: {check.note}" for check in found.checks if not check.applicable),
        files=files,
    )


TOOL = Tool(
    name="analyze_logs",
    help="Analyse a log: levels, templates, gaps, start/end pairs, correlation ids, tracebacks, errors with context.",
    args=AnalyzeLogsArgs,
    result=AnalyzeLogsResult,
    run=analyze_logs,
    needs_run=True,
)
