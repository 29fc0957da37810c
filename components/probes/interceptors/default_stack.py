"""The default interceptor stack holds what the documentation lists, in that order."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The default interceptor stack is not the documented one",
    claim=(
        "get_default_interceptors() gives idempotency, time-out, breaker, tracing, metrics, child tracker and logging by "
        "priority; auth on request."
    ),
    source="docs/guides/interceptors.md#default-interceptors",
    component="stageflow.pipeline.interceptors.get_default_interceptors",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="A protection that everybody counts on is not there.",
    recommendation="Return the documented interceptors sorted by priority.",
)

BASE = ["idempotency", "timeout", "circuit_breaker", "tracing", "metrics", "child_tracker_metrics", "logging"]
CASES = (
    Case("default", {"options": {}, "names": BASE}),
    Case("with auth", {"options": {"include_auth": True}, "names": ["auth", "org_enforcement", *BASE]}),
    Case("without idempotency", {"options": {"include_idempotency": False}, "names": BASE[1:]}),
)


def names_of(stack):
    return [interceptor.name for interceptor in stack]


@promised
def scenario(params):
    if "idempotency" in params["names"]:
        need("stageflow.pipeline.idempotency")
    stack = need("stageflow:get_default_interceptors")(**params["options"])
    expect_equal(names_of(stack), list(params["names"]), "names of the stack in order")


def control(params):
    stack = [need(path)() for path in ("stageflow:TimeoutInterceptor", "stageflow:LoggingInterceptor")]
    expect_equal(names_of(stack), ["timeout", "logging"], "names of a stack made by hand")
