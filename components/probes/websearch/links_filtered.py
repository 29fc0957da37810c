"""Links of pages are filtered, limited and deduplicated as asked."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client

PROBE = Probe(
    title="Link filters give wrong, repeated or missing links",
    claim="extract_links and extract_all_links return each link once, internal or external only when asked so, in order of appearance.",
    source="docs/guides/websearch.md#link-extraction",
    component="stageflow.websearch.extract_all_links",
    subsystem="websearch",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Agents follow links they were told to leave, or miss pages.",
    recommendation="Filter by is_internal first, then remove duplicates by URL.",
)

PAGES = {"http://h/1": ["/a", "http://x/", "/b", "/a"], "http://h/2": ["/b", "http://y/", "/c", "http://x/"]}
ALL = ["http://h/a", "http://x/", "http://h/b", "http://y/", "http://h/c"]
ONE = "stageflow.websearch.WebPage.extract_links"
CASES = (
    Case("all", {"options": {}, "urls": ALL}),
    Case("internal", {"options": {"internal_only": True}, "urls": [url for url in ALL if "/h/" in url]}),
    Case("external", {"options": {"external_only": True}, "urls": [url for url in ALL if "/h/" not in url]}),
    Case("page-all", {"page": True, "options": {}, "urls": ALL[:3]}, component=ONE),
    Case("page-limit", {"page": True, "options": {"limit": 2}, "urls": ALL[:2]}, component=ONE),
    Case("page-limit-0", {"page": True, "options": {"limit": 0}, "urls": []}, component=ONE),
    Case(
        "page-internal-limit",
        {"page": True, "options": {"internal_only": True, "limit": 2}, "urls": ["http://h/a", "http://h/b"]},
        component=ONE,
    ),
    Case("page-external", {"page": True, "options": {"external_only": True}, "urls": ["http://x/"]}, component=ONE),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    html = {url: "<p>x</p>" + "".join(f"<a href='{link}'>text</a>" for link in links) for url, links in PAGES.items()}
    extract = need("stageflow.websearch:extract_all_links")
    if params.get("page"):
        links = (await page_client(html).fetch("http://h/1")).extract_links(**params["options"])
    else:
        links = await extract([*html, "http://h/missing"], client_factory=lambda: page_client(html), **params["options"])
    expect_equal([link.url for link in links], params["urls"], "links")


def control(params):
    expect_equal(len(set(params["urls"])), len(params["urls"]), "different links")
