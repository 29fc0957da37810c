"""The trace of a run, `results/trace.jsonl`: one line for every finished span, each once, over all processes that worked on the run."""

import hashlib
import itertools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from pydantic import ValidationError

from agent.core.errors import AgentError, RunDamaged, WorkspaceUnwritable
from agent.core.record import Record
from agent.core.secrets import without_secrets
from agent.core.shortage import ran_out
from agent.core.workspace import Workspace

FILE = "results/trace.jsonl"

Value = bool | int | float | str | tuple[str, ...]


class Span(Record):
    """Something that was done, in the terms of OpenTelemetry."""

    trace_id: str
    """32 hexadecimal digits; the same for a run and everything that resumes it."""
    span_id: str
    """16 hexadecimal digits, made of the trace's id and of what was done."""
    parent_span_id: str | None
    """None: a mission."""
    name: str
    """As the conventions say: `chat MODEL`, `execute_tool NAME`; our own: `phase NAME`, `gate NAME`, `decision NAME`."""
    kind: Literal["internal", "client"]
    """`client`: somebody else's service did it."""
    start_ns: int
    """Since the epoch; never after a child's start."""
    end_ns: int
    """Since the epoch; never before a child's end."""
    status: Literal["unset", "error"]
    """`unset` is OpenTelemetry's word for: nothing went wrong."""
    message: str = ""
    """What went wrong; never a word of a prompt."""
    attributes: dict[str, Value]
    """Of the GenAI conventions, and `stageflow_agent.*`; what is not known is absent."""

    @property
    def seconds(self) -> float:
        """From start to end, the time between a kill and the resume included."""
        return (self.end_ns - self.start_ns) / 1e9


@dataclass(frozen=True)
class Facts:
    """A span without its place in the trace; `error` is its `error.type`, empty when nothing went wrong."""

    name: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    error: str = ""
    message: str = ""
    kind: Literal["internal", "client"] = "internal"


def read_spans(workspace: Workspace) -> list[Span]:
    """The spans of a run in the order in which they ended; a line that a kill left torn is passed over."""
    path = workspace.path(FILE)
    spans: dict[str, Span] = {}
    try:
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    except OSError as error:
        raise RunDamaged(f"{path} cannot be read: {error.strerror}", hint="Move it away; the mission goes on without.") from error
    for line in lines:
        try:
            span = Span.model_validate_json(line)
        except ValidationError:
            continue
        spans.setdefault(span.span_id, span)
    return list(spans.values())


class SpanFile:
    """Appends the spans of one run; each line is flushed, so that a killed run keeps its trace."""

    def __init__(self, workspace: Workspace, send: Callable[[Span], None]) -> None:
        earlier = read_spans(workspace)
        self.trace_id = earlier[0].trace_id if earlier else uuid.uuid4().hex
        self._send = send
        self._ids: set[str] = set()
        self._around: dict[str, tuple[int, int]] = {}
        for span in earlier:
            self._know(span)
        path = workspace.path(FILE)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            torn = path.exists() and not (b"\n" + path.read_bytes()).endswith(b"\n")
            self._stream = path.open("a", encoding="utf-8", buffering=1)
            if torn:
                self._stream.write("\n")
        except OSError as error:
            raise _unwritable(error) from error
        processors: list[Any] = [structlog.processors.EventRenamer("name"), structlog.processors.JSONRenderer(), _kept]
        self._log = structlog.wrap_logger(structlog.PrintLogger(self._stream), processors=processors)

    def id_of(self, *what: object) -> str:
        """The id of the span of something in this trace."""
        return hashlib.sha256("\x1f".join((self.trace_id, *map(str, what))).encode("utf-8", "replace")).hexdigest()[:16]

    def next_id(self, *what: object) -> str:
        """The id of something that may happen again, for the time after those that are written."""
        return next(found for number in itertools.count() if (found := self.id_of(*what, number)) not in self._ids)

    def holds(self, span_id: str) -> bool:
        """Whether the span is written."""
        return span_id in self._ids

    def write(self, span_id: str, parent: str | None, start: int, end: int, facts: Facts) -> None:
        """Write a span that ended, unless it is written; its interval holds those of its children.

        Raises:
            WorkspaceUnwritable: the run folder takes no more.
        """
        if self.holds(span_id):
            return
        first, last = self._around.get(span_id, (start, end))
        span = Span(
            trace_id=self.trace_id,
            span_id=span_id,
            parent_span_id=parent,
            name=facts.name,
            kind=facts.kind,
            start_ns=min(start, first),
            end_ns=max(start, end, last),
            status="error" if facts.error else "unset",
            message=facts.message,
            attributes=dict(facts.attributes) | ({"error.type": facts.error} if facts.error else {}),
        )
        fields = span.model_dump(mode="json")
        try:
            self._log.info(fields.pop("name"), **fields)
        except OSError as error:
            raise _unwritable(error) from error
        self._know(span)
        self._send(span)

    def _know(self, span: Span) -> None:
        self._ids.add(span.span_id)
        if span.parent_span_id:
            first, last = self._around.get(span.parent_span_id, (span.start_ns, span.end_ns))
            self._around[span.parent_span_id] = min(first, span.start_ns), max(last, span.end_ns)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _kept(logger: object, method: str, line: str) -> str:
    """The line without keys."""
    return without_secrets(line)


def _unwritable(error: OSError) -> AgentError:
    hint = "Free space or fix the permissions, then run `python -m agent --resume`."
    return ran_out(error, FILE) or WorkspaceUnwritable(f"cannot write {FILE}: {error.strerror}", hint=hint)
