"""Fetching pages in a batch gives what the client gives for each, whatever its configuration."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client

PROBE = Probe(
    title="fetch_pages ignores auto_extract and auto_navigate of the configuration (parallel_extraction is the default)",
    claim="parallel_extraction only says where extraction runs: the pages are those that the same client fetches one by one.",
    source="docs/guides/websearch.md#parallel-extraction",
    component="stageflow.websearch.fetch_pages",
    subsystem="websearch",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Extraction that was switched off for cost still runs, and a batch differs from single fetches.",
    recommendation="Let fetch_pages go through client.fetch and move only the extraction into the pool.",
    workaround="Pass parallel_extraction=False.",
    cause="stageflow.websearch.run_utils:fetch_pages",
)

CASES = (
    Case("default", {"config": {}}),
    Case("no-navigation", {"config": {"auto_navigate": False}}),
    Case("no-extraction", {"config": {"auto_extract": False}}),
)
PAGES = {
    "http://a/1": "<html><title>One</title><h1>First</h1><p>text</p><a href='/2'>next</a></html>",
    "http://a/2": "<html><title>Two</title><p>other text</p><a href='http://b/'>b</a></html>",
}


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def told(pages):
    """What matters of each page, without times."""
    rows = [page.to_dict() for page in pages]
    return [{key: value for key, value in row.items() if not key.endswith("_ms") and key != "fetched_at"} for row in rows]


async def scenario(params):
    websearch = need("stageflow.websearch")

    def client():
        return page_client(PAGES, config=websearch.WebSearchConfig(**params["config"]))

    batch = told(await websearch.fetch_pages([*PAGES, "http://a/missing"], client_factory=client))
    single = told([await client().fetch(url) for url in [*PAGES, "http://a/missing"]])
    differing = sorted({key for one, other in zip(batch, single, strict=True) for key in one if one[key] != other[key]})
    expect_equal(differing, [], "fields that differ between batch and single fetches")


async def control(params):
    config = need("stageflow.websearch:WebSearchConfig")(**params["config"])
    first = [await page_client(PAGES, config=config).fetch(url) for url in PAGES]
    second = [await page_client(PAGES, config=config).fetch(url) for url in PAGES]
    expect_equal(told(first) == told(second), True, "single fetches agree")
