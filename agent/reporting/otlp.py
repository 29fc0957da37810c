"""Hands spans to OpenTelemetry's SDK, which sends them in batches and in the background; imported only when that is asked for."""

import logging
import threading
from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, set_span_in_context

from agent.models.scrub import one_line
from agent.reporting.span_facts import AGENT
from agent.reporting.spans import Span

PATIENCE = 3.0
"""Seconds that a mission waits at its end for a collector."""
QUEUE = 65_536
"""Spans that wait for a collector; a whole mission's fit."""
KINDS = {"internal": SpanKind.INTERNAL, "client": SpanKind.CLIENT}


class Collector:
    """Sends to the endpoint of the OTEL_EXPORTER_OTLP_* variables, with the ids that the run's own trace has."""

    def __init__(self) -> None:
        self._words = _LastWords()
        logging.getLogger("opentelemetry").addHandler(self._words)
        self._ids = _Given()
        self._exporter = _Counted()
        self._given = 0
        self._provider = TracerProvider(sampler=ALWAYS_ON, resource=_resource(), id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter, max_queue_size=QUEUE))
        self._tracer = self._provider.get_tracer(AGENT)

    def send(self, span: Span) -> None:
        """Put it into the queue."""
        trace, parent = int(span.trace_id, 16), span.parent_span_id
        self._ids.trace, self._ids.span = trace, int(span.span_id, 16)
        context = Context()
        if parent:
            above = SpanContext(trace, int(parent, 16), is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
            context = set_span_in_context(NonRecordingSpan(above), context)
        made = self._tracer.start_span(
            span.name, context, KINDS[span.kind], attributes=span.attributes, start_time=span.start_ns, set_status_on_exception=False
        )
        if span.status == "error":
            made.set_status(Status(StatusCode.ERROR, span.message or None))
        self._given += made.is_recording()
        made.end(span.end_ns)

    def close(self) -> str:
        """Send what waits, but not for long."""
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(PATIENCE)
        lost = self._given - self._exporter.delivered
        why = f" ({one_line(self._words.said, limit=160)})" if self._words.said else ""
        return f"traces: {lost} of {self._given} spans did not reach the collector{why}" if lost else ""


class _Given(IdGenerator):
    """The ids of the span that is being handed over."""

    trace = span = 0

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        return self.span


class _Counted(SpanExporter):
    """Counts what the collector took."""

    def __init__(self) -> None:
        self._exporter: SpanExporter = OTLPSpanExporter()
        self.delivered = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self.delivered += len(spans)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class _LastWords(logging.Handler):
    """Keeps the SDK's complaints off the terminal, and the last of them for the notice."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said = record.getMessage()


def _resource() -> Resource:
    """Whose spans these are; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word."""
    found = Resource.create({})
    named = not str(found.attributes.get(SERVICE_NAME, "")).startswith("unknown_service")
    return found if named else found.merge(Resource({SERVICE_NAME: AGENT}))
