"""A fetch result says how many retries were made."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import scripted_fetcher

PROBE = Probe(
    title="FetchResult.retry_count is one too high when a fetch fails",
    claim="retry_count is the number of retries performed: requests made minus one.",
    source="docstring:stageflow.websearch.fetcher.FetchResult",
    component="stageflow.websearch.FetchResult",
    subsystem="websearch",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Retry statistics count one retry too many for every failed fetch.",
    recommendation="Set retry_count to `attempt` when giving up in fetch(), and to attempt + 1 only when another try follows.",
    virtual_time=True,
    cause="stageflow.websearch.fetcher:Fetcher.fetch #retry-count",
)

CASES = (
    Case("first-try", {"errors": 0, "text": "connection reset", "retries": 3}),
    Case("second-try", {"errors": 1, "text": "connection reset", "retries": 3}),
    Case("last-try", {"errors": 3, "text": "connection reset", "retries": 3}),
    Case("gives-up", {"errors": 9, "text": "connection reset", "retries": 3}),
    Case("not-retryable", {"errors": 9, "text": "malformed address", "retries": 3}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    config = need("stageflow.websearch:FetchConfig")(max_retries=params["retries"])
    fetcher = scripted_fetcher([*[OSError(params["text"])] * params["errors"], 200], config=config)
    result = await fetcher.fetch("http://host/")
    expect_equal(result.retry_count, len(fetcher.made) - 1, f"retry_count after {len(fetcher.made)} requests")


async def control(params):
    made = 0
    while made < params["errors"] and made <= params["retries"]:
        made += 1
    expect_equal(made <= params["retries"] + 1, True, "no more requests than allowed")
