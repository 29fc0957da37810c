"""Trace headers are found however their names are spelled."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="TraceContext.from_headers ignores headers that are not spelled in lower case",
    claim="from_headers reads a dictionary of HTTP headers; the names of HTTP headers are case-insensitive.",
    source="docstring:stageflow.observability.tracing.TraceContext.from_headers",
    component="stageflow.observability.TraceContext.from_headers",
    subsystem="observability",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Behind servers and proxies that hand on X-Correlation-Id as sent, every request loses its ids without a word.",
    recommendation="Lower the names before looking them up.",
    workaround="Pass {name.lower(): value for name, value in headers.items()}.",
    cause="stageflow.observability.tracing:TraceContext.from_headers",
)

CASES = (
    Case("as written", {"spelling": "lower"}),
    Case("Title-Case", {"spelling": "title"}),
    Case("UPPER-CASE", {"spelling": "upper"}),
)
ID = uuid.UUID(int=77)
HEADERS = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "x-correlation-id": str(ID), "x-org-id": str(ID), "x-baggage-tier": "gold"}
ARRIVED = ["a" * 32, "b" * 16, str(ID), str(ID), {"tier": "gold"}]


def verdict(read, spelling):
    found = read({getattr(name, spelling)(): text for name, text in HEADERS.items()})
    seen = [found.trace_id, found.span_id, str(found.correlation_id), str(found.org_id), found.baggage]
    missing = [
        name for name, here, wanted in zip(HEADERS, [*seen[:1], *seen[2:]], [*ARRIVED[:1], *ARRIVED[2:]], strict=True) if here != wanted
    ]
    expect_equal(missing, [], f"headers that are not read when spelled in {spelling} case")


def folded(headers):
    """The headers with their names in lower case, baggage names included."""
    return {name.lower(): text for name, text in headers.items()}


@promised
def scenario(params):
    verdict(need("stageflow.observability:TraceContext.from_headers"), params["spelling"])


def control(params):
    read = need("stageflow.observability:TraceContext.from_headers")
    verdict(lambda headers: read(folded(headers)), params["spelling"])
