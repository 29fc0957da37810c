"""All callbacks of one fetch carry the same request id."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client, scripted_fetcher

PROBE = Probe(
    title="on_extract_complete gets another request_id than the fetch it belongs to",
    claim="The request id of the callbacks identifies the request: start, completion and extraction of one fetch have the same.",
    source="docs/guides/websearch.md#callbacks",
    component="stageflow.websearch.WebSearchClient.fetch",
    subsystem="websearch",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Fetch and extraction times of a page cannot be joined; each extraction looks like an unknown request.",
    recommendation="Use fetch_result.request_id in WebSearchClient.fetch instead of a second uuid4().",
    workaround="Join the callbacks by URL.",
    virtual_time=True,
    cause="stageflow.websearch.client:WebSearchClient.fetch",
)

CASES = (
    Case("start-and-complete", {"callbacks": ["on_fetch_start", "on_fetch_complete"]}),
    Case("complete-and-extract", {"callbacks": ["on_fetch_complete", "on_extract_complete"]}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    need("stageflow.websearch:WebSearchClient")
    heard = []
    mine = {name: lambda url, request, *rest: heard.append(request) for name in params["callbacks"]}
    extract = {name: call for name, call in mine.items() if name == "on_extract_complete"}
    fetcher = scripted_fetcher([200], **{name: call for name, call in mine.items() if name not in extract})
    await page_client({}, fetcher=fetcher, **extract).fetch("http://host/")
    expect_equal([len(heard), len(set(heard))], [2, 1], "callbacks, and different request ids")


async def control(params):
    heard = []
    fetcher = scripted_fetcher([200], on_fetch_start=lambda url, request: heard.append(request))
    result = await fetcher.fetch("http://host/")
    expect_equal(heard, [result.request_id], "id of the start callback is that of the result")
