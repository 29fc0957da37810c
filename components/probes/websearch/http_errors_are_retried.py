"""A temporary HTTP error is retried."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import scripted_fetcher

PROBE = Probe(
    title="Fetcher.fetch never retries an HTTP 503, 502, 504 or 429 response",
    claim="A URL is fetched with retries: a server that answers 503 once and then 200 gives the page (max_retries is 3 by default).",
    source="docstring:stageflow.websearch.fetcher.Fetcher.fetch",
    component="stageflow.websearch.Fetcher.fetch",
    subsystem="websearch",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=False,
    default_setup=True,
    impact="A short overload of one server loses the page, although its status is among those that the fetcher calls retryable.",
    recommendation="Retry responses with status 429 and 5xx in fetch(); today only exceptions are retried.",
    workaround="Use fetch_with_retry.",
    virtual_time=True,
    cause="stageflow.websearch.fetcher:Fetcher.fetch #http-errors",
)

CASES = (
    Case("ok", {"script": [200], "status": 200}),
    Case("not-found", {"script": [404, 200], "status": 404}),
    Case("unavailable", {"script": [503, 200], "status": 200}),
    Case("too-many-requests", {"script": [429, 200], "status": 200}),
    Case("bad-gateway", {"script": [502, 504, 200], "status": 200}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    need("stageflow.websearch.fetcher:Fetcher")
    result = await scripted_fetcher(params["script"]).fetch("http://host/")
    expect_equal(result.status_code, params["status"], f"status after answers {params['script']}")


async def control(params):
    answers = iter(params["script"])
    status = next(answers)
    while status in (429, 502, 503, 504):
        status = next(answers)
    expect_equal(status, params["status"], "status of a plain loop of tries")
