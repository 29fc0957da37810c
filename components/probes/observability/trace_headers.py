"""Trace ids and baggage travel through HTTP headers unchanged."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An id or baggage item gets lost on the way through HTTP headers",
    claim="TraceContext.from_headers(ctx.to_headers()) has the trace, span, correlation, run, request and tenant ids and "
    "the baggage of ctx.",
    source="docs/guides/observability.md#trace-context-propagation",
    component="stageflow.observability.TraceContext",
    subsystem="observability",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The called service starts a trace of its own: the request cannot be followed.",
    recommendation="Write and read every field.",
)

FIELDS = ("trace_id", "span_id", "correlation_id", "pipeline_run_id", "request_id", "org_id")
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CASES = (
    Case("nothing", {"fields": [], "baggage": {}}),
    *(Case(name, {"fields": ["trace_id", name] if name == "span_id" else [name], "baggage": {}}) for name in FIELDS[1:]),
    Case("baggage", {"fields": [], "baggage": {"tier": "gold", "empty": "", "a-b": "x=1; y"}}),
    Case("everything", {"fields": list(FIELDS), "baggage": {"tier": "gold"}}),
)


def value(name):
    return {"trace_id": TRACE, "span_id": SPAN}.get(name) or uuid.uuid5(uuid.NAMESPACE_OID, name)


def verdict(carry, params):
    given = {name: value(name) for name in params["fields"]}
    arrived = carry(given, dict(params["baggage"]))
    lost = [
        name for name in (*FIELDS, "baggage") if arrived[name] != ({**dict.fromkeys(FIELDS), **given, "baggage": params["baggage"]})[name]
    ]
    expect_equal(lost, [], "fields that differ on the other side")


@promised
def scenario(params):
    trace = need("stageflow.observability:TraceContext")

    def carry(given, baggage):
        arrived = trace.from_headers(trace(**given, baggage=baggage).to_headers())
        return {name: getattr(arrived, name) for name in (*FIELDS, "baggage")}

    verdict(carry, params)


def control(params):
    verdict(lambda given, baggage: {**dict.fromkeys(FIELDS), **given, "baggage": baggage}, params)
