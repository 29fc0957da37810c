"""Setting an attribute on a span does not change the dictionary the span was started with."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Without OpenTelemetry, a span writes its attributes into the dictionary it was started with",
    claim="Attributes set on a span belong to that span; the initial attributes are the caller's.",
    source="invariant:no mutation",
    component="stageflow.observability.NoOpSpan",
    subsystem="observability",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A dictionary of base attributes shared by many spans collects the user ids and statuses of all of them, and carries them to "
    "wherever else it is used.",
    recommendation="Copy the attributes: dict(attributes or {}).",
    workaround="Pass a copy of the base attributes to start_span.",
    cause="stageflow.observability.tracing:NoOpSpan.__init__",
)

CASES = (
    Case("set_attribute", {"call": "set_attribute", "arguments": ["user_id", "u-1"]}),
    Case("set_status", {"call": "set_status", "arguments": ["ERROR", "away"]}),
)


def verdict(start, params):
    base = {"service": "chat"}
    with start(base) as span:
        getattr(span, params["call"])(*params["arguments"])
    expect_equal(base, {"service": "chat"}, "the caller's dictionary after the span")


@promised
def scenario(params):
    tracer = need("stageflow.observability:StageflowTracer")("probe")
    verdict(lambda base: tracer.start_span("work", attributes=base), params)


def control(params):
    tracer = need("stageflow.observability:StageflowTracer")("probe")
    verdict(lambda base: tracer.start_span("work", attributes=dict(base)), params)
