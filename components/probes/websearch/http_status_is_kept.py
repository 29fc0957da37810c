"""A page that the server refused carries the server's status."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client, scripted_fetcher

PROBE = Probe(
    title="A page fetched with an HTTP error has status_code 0: the documented handling of 404 and 500 never runs",
    claim="status_code of a page is the HTTP status code, so that 404 and 5xx can be told apart after a failed fetch.",
    source="docs/guides/websearch.md#error-handling",
    component="stageflow.websearch.WebSearchClient.fetch",
    subsystem="websearch",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Code written as in the guide treats a missing page and a broken server alike, and never as either.",
    recommendation="Give WebPage.error_result a status_code, and pass fetch_result.status_code in fetch() and fetch_pages().",
    workaround="Read the number out of page.error.",
    virtual_time=True,
    cause="stageflow.websearch.models:WebPage.error_result",
)

CASES = tuple(Case(str(status), {"status": status}) for status in (200, 404, 403, 500))


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    need("stageflow.websearch:WebSearchClient")
    page = await page_client({}, fetcher=scripted_fetcher([params["status"]])).fetch("http://host/")
    expect_equal([page.status_code, page.success], [params["status"], params["status"] == 200], "status_code and success")


async def control(params):
    result = await scripted_fetcher([params["status"]]).fetch("http://host/")
    expect_equal(result.status_code, params["status"], "status of the fetcher's result")
