"""CircuitBreakerOpenError names the call and is summarised as retryable."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An open circuit is summarised as another kind of error",
    claim=(
        "CircuitBreakerOpenError carries operation and provider; its summary has code CIRCUIT_OPEN and retryable, a TimeoutError's TIMEOUT."
    ),
    source="docs/guides/observability.md#circuit-breaker",
    component="stageflow.observability.summarize_pipeline_error",
    subsystem="circuit_breaker",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Alerts and retry decisions built on the summary are wrong.",
    recommendation="Map each error class to its own code.",
)

CASES = (
    Case("open circuit", {"error": "open", "summary": ["CIRCUIT_OPEN", True, "CircuitBreakerOpenError"]}),
    Case("time-out", {"error": "timeout", "summary": ["TIMEOUT", True, "TimeoutError"]}),
    Case("open circuit, by name", {"error": "named", "summary": ["chat", "acme"]}),
    Case("anything else", {"error": "other", "summary": ["UNKNOWN", False, "KeyError"]}),
)


def scenario(params):
    opened = need("stageflow.observability:CircuitBreakerOpenError")("chat", "acme")
    if params["error"] == "named":
        expect_equal([opened.operation, opened.provider], list(params["summary"]), "operation and provider of the error")
        return
    error = {"open": opened, "timeout": TimeoutError("slow"), "other": KeyError("x")}[params["error"]]
    found = need("stageflow.observability:summarize_pipeline_error")(error)
    expect_equal([found["code"], found["retryable"], found["type"]], list(params["summary"]), "code, retryable and type")


def control(params):
    table = {"named": ["chat", "acme"], "open": ["CIRCUIT_OPEN", True], "timeout": ["TIMEOUT", True], "other": ["UNKNOWN", False]}
    expect_equal(table[params["error"]], list(params["summary"])[:2], "code and retryable from a table")
