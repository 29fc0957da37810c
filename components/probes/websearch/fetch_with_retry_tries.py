"""The retrying fetch tries so often, stops at the first success, and says what went wrong."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client, scripted_fetcher

PROBE = Probe(
    title="fetch_with_retry tries too often or too seldom, or hides the failure",
    claim="max_retries is the maximum number of retries after the first try; a page comes back at the first success, else an error page.",
    source="docstring:stageflow.websearch.run_utils.fetch_with_retry",
    component="stageflow.websearch.fetch_with_retry",
    subsystem="websearch",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A flaky page is lost or a failed one counts as fetched.",
    recommendation="Loop max_retries + 1 times and return the first successful page.",
    virtual_time=True,
)

CASES = tuple(
    Case(f"fails={failures},retries={retries}", {"failures": failures, "retries": retries})
    for failures, retries in ((0, 3), (1, 3), (3, 3), (4, 3), (9, 0), (9, 2))
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def told(params):
    """Tries and success by arithmetic."""
    return [min(params["failures"], params["retries"]) + 1, params["failures"] <= params["retries"]]


async def scenario(params):
    fetch = need("stageflow.websearch:fetch_with_retry")
    fetcher = scripted_fetcher([*[400] * params["failures"], 200])
    page = await fetch("http://h/", max_retries=params["retries"], retry_delay=0.5, client_factory=lambda: page_client({}, fetcher=fetcher))
    expect_equal([len(fetcher.made), page.success, page.error is None], [*told(params), told(params)[1]], "tries, success, no error")


async def control(params):
    tries = 0
    while tries <= params["retries"]:
        tries += 1
        if tries > params["failures"]:
            break
    expect_equal(tries, told(params)[0], "tries of a plain loop")
