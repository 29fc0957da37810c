"""One header that makes no sense costs its own field only."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A malformed header costs other fields of the trace context, or the request",
    claim="from_headers() fills every field whose header can be read; a missing or malformed one leaves only its own field empty.",
    source="docstring:stageflow.observability.TraceContext.from_headers",
    component="stageflow.observability.TraceContext.from_headers",
    subsystem="observability",
    category="reliability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="A strange client makes requests fail, or cuts them off from their trace.",
    recommendation="Read each header by itself, and ignore what cannot be parsed.",
)

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
IDS = {name: uuid.uuid5(uuid.NAMESPACE_OID, name) for name in ("correlation_id", "pipeline_run_id", "request_id", "org_id")}
HEADERS = {name: f"x-{name.replace('_', '-')}" for name in IDS}
CASES = (
    Case("all good", {"replaced": {}, "lost": []}),
    *(Case(f"bad {name}", {"replaced": {header: "not-an-id"}, "lost": [name]}) for name, header in HEADERS.items()),
    *(Case(f"no {name}", {"replaced": {header: None}, "lost": [name]}) for name, header in HEADERS.items()),
    Case("no traceparent", {"replaced": {"traceparent": None}, "lost": ["span_id", "trace_id"]}),
    Case("empty traceparent", {"replaced": {"traceparent": ""}, "lost": ["span_id", "trace_id"]}),
    Case("short traceparent", {"replaced": {"traceparent": "00-abc"}, "lost": ["span_id", "trace_id"]}),
    Case("wrong trace id", {"replaced": {"traceparent": f"00-abc-{SPAN}-01"}, "lost": ["trace_id"]}),
    Case("wrong span id", {"replaced": {"traceparent": f"00-{TRACE}-abc-01"}, "lost": ["span_id"]}),
    Case("no baggage", {"replaced": {"x-baggage-tier": None}, "lost": ["baggage"]}),
    Case("foreign headers", {"replaced": {"user-agent": "probe", "x-other": "1"}, "lost": []}),
)


def full():
    """All headers, and the fields they stand for."""
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01", "x-baggage-tier": "gold"}
    headers |= {HEADERS[name]: str(value) for name, value in IDS.items()}
    return headers, {"trace_id": TRACE, "span_id": SPAN, "baggage": {"tier": "gold"}, **IDS}


def verdict(read, params):
    headers, fields = full()
    headers = {name: value for name, value in {**headers, **params["replaced"]}.items() if value is not None}
    found = read(headers)
    empty = sorted(name for name in fields if not found[name])
    wrong = sorted(name for name in fields if found[name] and found[name] != fields[name])
    expect_equal([empty, wrong], [list(params["lost"]), []], "[empty fields, wrong fields]")


@promised
def scenario(params):
    trace = need("stageflow.observability:TraceContext")

    def read(headers):
        made = trace.from_headers(headers)
        return {name: getattr(made, name) for name in full()[1]}

    verdict(read, params)


def control(params):
    def read(headers):
        parts = (headers.get("traceparent") or "--").split("-")
        trace, span = (parts[1], parts[2]) if len(parts) >= 3 else ("", "")
        found = {"trace_id": trace if len(trace) == 32 else None, "span_id": span if len(span) == 16 else None}
        ids = {name: value if headers.get(HEADERS[name]) == str(value) else None for name, value in IDS.items()}
        return {**found, **ids, "baggage": {"tier": "gold"} if "x-baggage-tier" in headers else {}}

    verdict(read, params)
