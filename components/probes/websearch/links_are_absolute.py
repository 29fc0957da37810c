"""A link is resolved against the page it is on, by the rules of URLs."""

from urllib.parse import urljoin

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A protocol-relative link of an http page is turned into an https address",
    claim="url is the absolute URL of the link: the reference resolved against the base URL, scheme included (RFC 3986).",
    source="docstring:stageflow.websearch.models.ExtractedLink",
    component="stageflow.websearch.ExtractedLink",
    subsystem="websearch",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Such links of a site without https lead nowhere.",
    recommendation="Use urljoin(base_url, href) for every href when there is a base URL, also for //host/path.",
    workaround="Try http:// when such an address of an http page fails.",
    cause="stageflow.websearch.models:ExtractedLink.from_element #scheme",
)

CASES = tuple(
    Case(f"{base} {href}", {"base": base, "href": href})
    for base, href in (
        ("https://h.org/a/b", "/c"),
        ("https://h.org/a/b", "c/d"),
        ("https://h.org/a/b", "../c"),
        ("https://h.org/a/b", "?page=2"),
        ("https://h.org/a/b", "https://other.org/x#y"),
        ("https://h.org/a/b", "//cdn.org/x"),
        ("http://h.org/a/b", "//cdn.org/x"),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def scenario(params):
    link = need("stageflow.websearch:ExtractedLink").from_element(params["href"], "text", base_url=params["base"])
    expect_equal(link.url, urljoin(params["base"], params["href"]), f"{params['href']} on {params['base']}")


def control(params):
    absolute = urljoin(params["base"], params["href"])
    expect_equal(urljoin(params["base"], absolute), absolute, "resolving twice")
