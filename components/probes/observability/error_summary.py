"""The summary of an error has its type, text and code, and says whether a retry makes sense."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An error summary tells another code, text or retryability than documented",
    claim="Time-outs are TIMEOUT and retryable, open breakers CIRCUIT_OPEN and retryable, the rest UNKNOWN; the message is "
    "cut at 500 characters.",
    source="docs/guides/observability.md#error-summarization",
    component="stageflow.observability.summarize_pipeline_error",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Operators and retry logic treat the error as another one.",
    recommendation="Derive code and retryability from the type of the error.",
)

CASES = (
    Case(
        "time-out", {"error": "TimeoutError", "text": "late", "summary": ["TIMEOUT", "TimeoutError", "late", True], "line": "TIMEOUT: late"}
    ),
    Case(
        "breaker",
        {
            "error": "open",
            "text": "",
            "summary": ["CIRCUIT_OPEN", "CircuitBreakerOpenError", "Circuit breaker open for chat/acme", True],
            "line": "CIRCUIT_OPEN: Circuit breaker open for chat/acme",
        },
    ),
    Case("other", {"error": "ValueError", "text": "bad", "summary": ["UNKNOWN", "ValueError", "bad", False], "line": "UNKNOWN: bad"}),
    Case(
        "long",
        {"error": "ValueError", "text": "x" * 501, "summary": ["UNKNOWN", "ValueError", "x" * 500, False], "line": "UNKNOWN: " + "x" * 500},
    ),
    Case("empty", {"error": "ValueError", "text": "", "summary": ["UNKNOWN", "ValueError", "", False], "line": "UNKNOWN:"}),
)
KINDS = {"TimeoutError": TimeoutError, "ValueError": ValueError}


def verdict(summary, line, patch, params):
    keys = ("code", "type", "message", "retryable")
    expect_equal([summary.get(key) for key in keys], params["summary"], f"{list(keys)}")
    expect_equal(line, params["line"], "the summary in one line")
    expect_equal(patch, {"failure": {"error": summary}}, "the patch for the record of stages")


@promised
def scenario(params):
    api = need("stageflow.observability")
    error = api.CircuitBreakerOpenError("chat", "acme") if params["error"] == "open" else KINDS[params["error"]](params["text"])
    summary = api.summarize_pipeline_error(error)
    verdict(summary, api.error_summary_to_string(summary), api.error_summary_to_stages_patch(summary), params)


def control(params):
    summary = dict(zip(("code", "type", "message", "retryable"), params["summary"], strict=True))
    verdict(summary, f"{summary['code']}: {summary['message']}".strip(), {"failure": {"error": summary}}, params)
