"""Links that are no web pages are left out of the links of a page."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Without selectolax telephone links are extracted as web links",
    claim="Both extractors are interchangeable: fragments, javascript:, mailto: and tel: references are no links to follow.",
    source="invariant:interchangeable implementations",
    component="stageflow.websearch.extractor.FallbackContentExtractor.extract_links",
    subsystem="websearch",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A crawl over several domains tries to fetch telephone numbers.",
    recommendation='Add "tel:" to the prefixes that _extract_links_regex skips, as in DefaultContentExtractor.',
    workaround="Filter links by scheme.",
    cause="stageflow.websearch.extractor:FallbackContentExtractor._extract_links_regex",
)

CASES = tuple(
    Case(href, {"href": href, "links": links})
    for href, links in (
        ("/a", ["https://h.org/a"]),
        ("#top", []),
        ("javascript:go()", []),
        ("mailto:a@h.org", []),
        ("tel:+48123", []),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def scenario(params):
    extractor = need("stageflow.websearch.extractor:FallbackContentExtractor")()
    html = f"<p>x</p><a class='c' href=\"{params['href']}\">text</a>"
    seen = [extractor.extract_links(html, base_url="https://h.org/"), extractor.extract(html, base_url="https://h.org/").links]
    expect_equal([[link.url for link in links] for links in seen], [params["links"]] * 2, f"links for {params['href']}")


def control(params):
    kept = [] if params["href"].startswith(("#", "javascript:", "mailto:", "tel:")) else ["https://h.org" + params["href"]]
    expect_equal(kept, params["links"], "links by plain rule")
