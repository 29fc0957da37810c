"""A request carries its own headers and timeout, else those of the configuration."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client, scripted_fetcher

PROBE = Probe(
    title="A fetch ignores or mixes up its headers or timeout",
    claim="Headers of a request go before configured ones, and those before the User-Agent; an own timeout replaces the configured one.",
    source="docstring:stageflow.websearch.fetcher.Fetcher.fetch",
    component="stageflow.websearch.Fetcher.fetch",
    subsystem="websearch",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Requests go out without their credentials or hang far longer than asked.",
    recommendation="Merge User-Agent, default_headers and request headers in this order; use the timeout unless it is None.",
    virtual_time=True,
)

CASES = (
    Case("configured", {"headers": None, "timeout": None, "sent": [{"User-Agent": "bot", "A": "1"}, 30.0]}),
    Case("own", {"headers": {"B": "2"}, "timeout": 5.0, "sent": [{"User-Agent": "bot", "A": "1", "B": "2"}, 5.0]}),
    Case("override", {"headers": {"A": "9", "User-Agent": "me"}, "timeout": 0.0, "sent": [{"User-Agent": "me", "A": "9"}, 0.0]}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    config = need("stageflow.websearch:FetchConfig")(user_agent="bot", default_headers={"A": "1"})
    direct, through = scripted_fetcher([200], config=config), scripted_fetcher([200], config=config)
    await direct.fetch("http://h/", headers=params["headers"], timeout=params["timeout"])
    await page_client({}, fetcher=through).fetch("http://h/", headers=params["headers"], timeout=params["timeout"])
    expect_equal([list(fetcher.made[0][1:]) for fetcher in (direct, through)], [params["sent"]] * 2, "headers and timeout sent")


async def control(params):
    headers = {"User-Agent": "bot", "A": "1"} | (params["headers"] or {})
    expect_equal([headers, 30.0 if params["timeout"] is None else params["timeout"]], params["sent"], "merged by hand")
