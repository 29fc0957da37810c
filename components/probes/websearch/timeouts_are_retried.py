"""A timeout is retried, whatever its message says."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import scripted_fetcher

PROBE = Probe(
    title="Fetcher.fetch does not retry a timeout without a message, which is how asyncio and httpx raise it",
    claim="Timeouts are retryable: a request that times out once and then succeeds gives the page.",
    source="docstring:stageflow.websearch.fetcher",
    component="stageflow.websearch.Fetcher.fetch",
    subsystem="websearch",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=False,
    default_setup=True,
    impact="Such a timeout is not retried, and is reported as 'Unknown error'.",
    recommendation="Decide by exception type (TimeoutError, OSError, httpx.TransportError) in _is_retryable_error, not by words.",
    workaround="Use fetch_with_retry.",
    virtual_time=True,
    cause="stageflow.websearch.fetcher:Fetcher._is_retryable_error",
)

ERRORS = {"TimeoutError": TimeoutError, "ConnectionError": ConnectionError}
CASES = (
    Case("connection-refused", {"error": "ConnectionError", "text": "connection refused"}),
    Case("timeout-with-text", {"error": "TimeoutError", "text": "read timeout"}),
    Case("timeout", {"error": "TimeoutError", "text": ""}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def error_of(params):
    return ERRORS[params["error"]](*[params["text"]] if params["text"] else [])


async def scenario(params):
    need("stageflow.websearch.fetcher:Fetcher")
    result = await scripted_fetcher([error_of(params), 200]).fetch("http://host/")
    expect_equal(result.status_code, 200, f"status after {params['error']}({params['text']!r}) and 200")


async def control(params):
    for attempt in range(2):
        try:
            if attempt == 0:
                raise error_of(params)
        except OSError:
            continue
    expect_equal(attempt, 1, "attempts after the first of a plain loop")
