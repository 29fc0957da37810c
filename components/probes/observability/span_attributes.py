"""Setting an attribute on a span does not change the dictionary the span was started with."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A span writes its attributes into the dictionary it was started with: they appear in the next span",
    claim="Attributes set on a span belong to that span; the initial attributes are the caller's.",
    source="invariant:no mutation",
    component="stageflow.observability.NoOpSpan",
    subsystem="observability",
    category="security",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="With shared base attributes, the user id of one request is attached to the spans of the next.",
    recommendation="Copy the attributes: dict(attributes or {}).",
    workaround="Pass a copy of the base attributes to start_span.",
)

CASES = (Case("set_attribute", {"call": "set_attribute"}), Case("set_status", {"call": "set_status"}))


def verdict(start, call):
    base = {"service": "chat"}
    with start(base) as span:
        getattr(span, call)("user_id", "u-1")
    expect_equal(base, {"service": "chat"}, "the caller's dictionary after the span")


@promised
def scenario(params):
    tracer = need("stageflow.observability:StageflowTracer")("probe")
    verdict(lambda base: tracer.start_span("work", attributes=base), params["call"])


def control(params):
    tracer = need("stageflow.observability:StageflowTracer")("probe")
    verdict(lambda base: tracer.start_span("work", attributes=dict(base)), params["call"])
