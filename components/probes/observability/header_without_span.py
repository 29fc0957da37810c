"""A trace context without a span has none on the other side either."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A trace context without span id arrives with the invalid span id 0000000000000000",
    claim="Headers carry the context as it is; an all-zero span id is invalid in a W3C traceparent and stands for no span.",
    source="invariant:round trip",
    component="stageflow.observability.TraceContext.to_headers",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="All requests without a span get the same parent span id; standard tracers reject the header and start new traces.",
    recommendation="Leave traceparent out, or make up a span id, when there is no span; read zeros as None.",
    workaround="Always set span_id together with trace_id.",
    cause="stageflow.observability.tracing:TraceContext.to_headers",
)

CASES = (Case("no span", {"trace": "0af7651916cd43dd8448eb211c80319c"}),)


@promised
def scenario(params):
    trace = need("stageflow.observability:TraceContext")
    arrived = trace.from_headers(trace(trace_id=params["trace"]).to_headers())
    expect_equal(arrived.span_id, None, "span id on the other side")


def control(params):
    trace = need("stageflow.observability:TraceContext")
    arrived = trace.from_headers(trace(trace_id=params["trace"], span_id="b7ad6b7169203331").to_headers())
    expect_equal(arrived.span_id, "b7ad6b7169203331", "span id on the other side")
