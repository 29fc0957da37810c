"""A link to the same host is internal however the host is written."""

from urllib.parse import urljoin, urlsplit

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="ExtractedLink calls a link to the same host external when its case or its default port is written differently",
    claim="is_internal says whether a link is to the same domain; host names have no case and :443 is https by default.",
    source="docstring:stageflow.websearch.models.ExtractedLink",
    component="stageflow.websearch.ExtractedLink.from_element",
    subsystem="websearch",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="internal_links and map_site list such links of a site as external.",
    recommendation="Compare urlparse(...).hostname and the effective port instead of netloc, here and in crawl().",
    workaround="Compare urlsplit(link.url).hostname with that of the page.",
    cause="stageflow.websearch.models:ExtractedLink.from_element #host",
)

CASES = tuple(
    Case(href, {"href": href, "internal": internal})
    for href, internal in (
        ("/b", True),
        ("b?x=1", True),
        ("https://example.com/b", True),
        ("https://sub.example.com/b", False),
        ("https://example.com.evil.org/b", False),
        ("https://example.org/b", False),
        ("https://EXAMPLE.com/b", True),
        ("https://example.com:443/b", True),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def scenario(params):
    link = need("stageflow.websearch:ExtractedLink").from_element(params["href"], "text", base_url="https://example.com/a/")
    expect_equal(link.is_internal, params["internal"], f"is_internal of {params['href']}")


def control(params):
    parts = urlsplit(urljoin("https://example.com/a/", params["href"]))
    expect_equal((parts.hostname, parts.port or 443) == ("example.com", 443), params["internal"], "same host and port by urlsplit")
