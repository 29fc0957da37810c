"""A site map says how deep the crawl really went."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client

PROBE = Probe(
    title="SiteMap.depth_reached is always max_depth, however deep the site is",
    claim="depth_reached is the maximum depth reached by the crawl.",
    source="docstring:stageflow.websearch.run_utils.SiteMap",
    component="stageflow.websearch.map_site",
    subsystem="websearch",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A report on a site's structure states a depth that was never seen.",
    recommendation="Track the depth of each fetched page in crawl() and return the largest.",
    virtual_time=True,
    cause="stageflow.websearch.run_utils:map_site",
)

CASES = (
    Case("as-deep-as-allowed", {"chain": 5, "max_depth": 2, "depth": 2}),
    Case("one-page", {"chain": 1, "max_depth": 3, "depth": 0}),
    Case("shallow", {"chain": 2, "max_depth": 7, "depth": 1}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def site(chain):
    """A chain of pages, each linking to the next."""
    return {f"http://h/{n}": f"<p>page</p><a href='http://h/{n + 1}'>on</a>" if n + 1 < chain else "<p>end</p>" for n in range(chain)}


async def scenario(params):
    pages = site(params["chain"])
    found = await need("stageflow.websearch:map_site")(
        "http://h/0", max_depth=params["max_depth"], client_factory=lambda: page_client(pages)
    )
    expect_equal(found.depth_reached, params["depth"], f"depth of a chain of {params['chain']} pages, limit {params['max_depth']}")


async def control(params):
    expect_equal(min(params["chain"] - 1, params["max_depth"]), params["depth"], "depth of the chain")
