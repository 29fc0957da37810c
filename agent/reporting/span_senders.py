"""Where spans go beside the run's own trace: nowhere, a file in OTLP's JSON encoding, or a collector."""

import json
from pathlib import Path
from typing import Any, Protocol

from agent.reporting.span_facts import AGENT
from agent.reporting.spans import Span, Value

KINDS = {"internal": 1, "client": 3}
"""Numbers of OTLP's `SpanKind`."""
ERROR = 2
"""Number of OTLP's `STATUS_CODE_ERROR`."""
MISSING = (
    "traces: OpenTelemetry is not installed (pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http); only {} is written"
)


class SpanSender(Protocol):
    """Takes finished spans; never raises and never waits for anybody."""

    def send(self, span: Span) -> None:
        """Take one span."""

    def close(self) -> str:
        """Hand over what is left, within a few seconds; what was lost, in words."""


class Nowhere:
    """For missions that are not asked to send spans."""

    def send(self, span: Span) -> None:
        """Drop it; the run's own trace has it."""

    def close(self) -> str:
        """Nothing was lost."""
        return ""


class SpanLines:
    """Appends to a file that OpenTelemetry's collector reads with its `otlpjsonfile` receiver."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = path.open("a", encoding="utf-8", buffering=1)
        self._lost, self._why = 0, ""

    def send(self, span: Span) -> None:
        """Write a line."""
        try:
            self._stream.write(json.dumps(otlp_json(span)) + "\n")
        except OSError as error:
            self._lost, self._why = self._lost + 1, str(error.strerror)

    def close(self) -> str:
        """Close the file."""
        try:
            self._stream.close()
        except OSError as error:
            self._why = self._why or str(error.strerror)
        return f"traces: {self._path} lacks {self._lost or 'some'} spans: {self._why}" if self._why else ""


def sender_of(where: str) -> tuple[SpanSender, str]:
    """The sender for `otlp`, a file or nothing, and why there is none where there should be one."""
    if not where:
        return Nowhere(), ""
    if where != "otlp":
        try:
            return SpanLines(Path(where)), ""
        except OSError as error:
            return Nowhere(), f"traces: cannot write {where}: {error.strerror}"
    try:
        from agent.reporting.otlp import Collector  # an optional extra, and slow to import
    except ImportError:
        return Nowhere(), MISSING.format("results/trace.jsonl")
    try:
        return Collector(), ""
    except Exception as error:  # foreign code reading foreign settings: no reason to have no mission
        return Nowhere(), f"traces: the settings of the collector are not usable: {type(error).__name__}: {error}"


def otlp_json(span: Span) -> dict[str, Any]:
    """The span in OTLP's JSON encoding."""
    fields: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": KINDS[span.kind],
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": [{"key": key, "value": typed(value)} for key, value in span.attributes.items()],
        "status": {"code": ERROR, "message": span.message} if span.status == "error" else {},
    }
    if span.parent_span_id:
        fields["parentSpanId"] = span.parent_span_id
    resource = {"attributes": [{"key": "service.name", "value": typed(AGENT)}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": AGENT}, "spans": [fields]}]}]}


def typed(value: Value) -> dict[str, Any]:
    """OTLP's `AnyValue`; 64-bit numbers are strings in JSON."""
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
    return {"arrayValue": {"values": [typed(item) for item in value]}}
