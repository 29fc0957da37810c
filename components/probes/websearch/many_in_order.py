"""Many pages come back in the order asked for, with no more requests at once than allowed."""

import asyncio

from components.lab.probe import Case, Probe, expect, expect_equal, need
from components.lab.value_kit import page_client

PROBE = Probe(
    title="Batch fetching mixes up pages or exceeds its concurrency limit",
    claim="Results maintain URL order, one per URL; no more than `concurrency` requests run at once, and that many do.",
    source="docs/guides/websearch.md#batch-fetching",
    component="stageflow.websearch.WebSearchClient.fetch_many",
    subsystem="websearch",
    category="scalability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A page is attributed to another address, or a server is flooded.",
    recommendation="Gather in input order under one semaphore.",
    virtual_time=True,
)

FETCH_MANY, FETCHER = "stageflow.websearch.WebSearchClient.fetch_many", "stageflow.websearch.Fetcher.fetch_many"
CASES = tuple(
    Case(f"{how}-{urls}-{limit}", {"how": how, "urls": urls, "limit": limit}, component=component)
    for how, component in (("client", FETCH_MANY), ("client-default", FETCH_MANY), ("fetcher", FETCHER))
    for urls, limit in ((0, 3), (1, 3), (12, 1), (12, 3))
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def slow_fetcher():
    """A fetcher that takes longer for earlier URLs and watches how many requests run."""
    base, result = need("stageflow.websearch:Fetcher"), need("stageflow.websearch:FetchResult")

    class SlowFetcher(base):
        running = most = 0

        async def _do_fetch(self, url, **options):
            self.running += 1
            self.most = max(self.most, self.running)
            await asyncio.sleep(20 - int(url.rpartition("/")[2]))
            self.running -= 1
            return result(url=url, final_url=url, status_code=200, content=b"<p>text</p>", content_type="text/html")

    return SlowFetcher()


async def scenario(params):
    fetcher, urls = slow_fetcher(), [f"http://h/{n}" for n in range(params["urls"])]
    if params["how"] == "fetcher":
        pages = await fetcher.fetch_many(urls, concurrency=params["limit"])
    else:
        config = need("stageflow.websearch:WebSearchConfig")(max_concurrent=params["limit"])
        asked = {} if params["how"] == "client-default" else {"concurrency": params["limit"]}
        pages = await page_client({}, fetcher=fetcher, config=config).fetch_many(urls, **asked)
    expect_equal([page.url for page in pages], urls, "pages in order")
    wanted = min(params["urls"], params["limit"])
    expect(fetcher.most == wanted, f"{wanted} requests at once at most", f"{fetcher.most}")


async def control(params):
    semaphore, running, most = asyncio.Semaphore(params["limit"]), 0, 0

    async def one(n):
        nonlocal running, most
        async with semaphore:
            running += 1
            most = max(most, running)
            await asyncio.sleep(20 - n)
            running -= 1
        return n

    expect_equal(await asyncio.gather(*(one(n) for n in range(params["urls"]))), list(range(params["urls"])), "results in order")
    expect_equal(most, min(params["urls"], params["limit"]), "at once")
