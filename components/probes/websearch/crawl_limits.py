"""A crawl stays within its limits, visits pages breadth first, and none twice."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client

PROBE = Probe(
    title="WebSearchClient.crawl leaves its limits or visits a page twice",
    claim="At most max_pages pages up to max_depth links away are fetched, once each; by default only of the same domain.",
    source="docstring:stageflow.websearch.client.WebSearchClient.crawl",
    component="stageflow.websearch.WebSearchClient.crawl",
    subsystem="websearch",
    category="security",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="An agent's crawler wanders off to other sites or never ends.",
    recommendation="Check depth, number, domain and filter before following a link.",
    virtual_time=True,
)

LINKS = {
    "http://h/": ["/a", "/b", "http://x/", "/a"],
    "http://h/a": ["/", "/a1", "/b"],
    "http://h/b": ["/b1", "http://x/2"],
    "http://h/a1": ["/a2"],
    "http://h/b1": [],
    "http://h/a2": [],
    "http://x/": ["http://h/b1"],
}
CASES = (
    Case("root-only", {"options": {"max_depth": 0}, "urls": ["http://h/"]}),
    Case("depth-1", {"options": {"max_depth": 1}, "urls": ["http://h/", "http://h/a", "http://h/b"]}),
    Case("depth-2", {"options": {"max_depth": 2}, "urls": ["http://h/", "http://h/a", "http://h/b", "http://h/a1", "http://h/b1"]}),
    Case("pages-2", {"options": {"max_pages": 2}, "urls": ["http://h/", "http://h/a"]}),
    Case(
        "other-domains",
        {"options": {"max_depth": 1, "same_domain_only": False}, "urls": ["http://h/", "http://h/a", "http://h/b", "http://x/"]},
    ),
    Case("filter", {"options": {"max_depth": 3, "filter": "a"}, "urls": ["http://h/", "http://h/a", "http://h/a1", "http://h/a2"]}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def html(links):
    return "<p>text</p>" + "".join(f"<a href='{link}'>link</a>" for link in links)


async def scenario(params):
    client = page_client({url: html(links) for url, links in LINKS.items()})
    options = dict(params["options"])
    if "filter" in options:
        part = options.pop("filter")
        options["link_filter"] = lambda link: part in link.url.rpartition("/")[2]
    pages = await need("stageflow.websearch:WebSearchClient.crawl")(client, "http://h/", **options)
    expect_equal([page.url for page in pages], params["urls"], "pages visited")


async def control(params):
    expect_equal(len(set(params["urls"])), len(params["urls"]), "different pages")
