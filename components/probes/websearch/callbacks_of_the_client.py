"""The callbacks given to a client are called, also when the client has a fetcher of its own."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client, scripted_fetcher

PROBE = Probe(
    title="WebSearchClient silently ignores its fetch callbacks when a fetcher is given",
    claim="on_fetch_start, on_fetch_complete and on_fetch_error of a client are called for its fetches.",
    source="docs/guides/websearch.md#callbacks",
    component="stageflow.websearch.WebSearchClient",
    subsystem="websearch",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Monitoring of fetches is empty as soon as somebody plugs in a custom or mock fetcher.",
    recommendation="Hand the callbacks to the given fetcher, call them in the client, or refuse the combination.",
    workaround="Give the callbacks to the fetcher.",
    virtual_time=True,
    cause="stageflow.websearch.client:WebSearchClient.__init__",
)

CASES = (
    Case("extract", {"status": 200, "callback": "on_extract_complete"}),
    Case("start", {"status": 200, "callback": "on_fetch_start"}),
    Case("complete", {"status": 200, "callback": "on_fetch_complete"}),
    Case("error", {"status": 404, "callback": "on_fetch_error"}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    need("stageflow.websearch:WebSearchClient")
    heard = []
    fetcher = scripted_fetcher([params["status"]])
    client = page_client({}, fetcher=fetcher, **{params["callback"]: lambda url, *rest: heard.append(url)})
    await client.fetch("http://host/")
    expect_equal(heard, ["http://host/"], f"calls of {params['callback']}")


async def control(params):
    heard = []
    if params["callback"] == "on_extract_complete":
        heard.append("http://host/")
    else:
        await scripted_fetcher([params["status"]], **{params["callback"]: lambda url, *rest: heard.append(url)}).fetch("http://host/")
    expect_equal(heard, ["http://host/"], "calls when the fetcher has the callback")
