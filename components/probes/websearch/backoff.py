"""A failing fetch is tried so often, with doubling pauses."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import scripted_fetcher

PROBE = Probe(
    title="Fetcher.fetch makes another number of tries or pauses than configured",
    claim="max_retries is the number of retries, retry_delay the base of a doubling pause in seconds; other errors end it.",
    source="docstring:stageflow.websearch.fetcher.FetchConfig",
    component="stageflow.websearch.Fetcher.fetch",
    subsystem="websearch",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Servers are hammered, or pages are given up too early.",
    recommendation="Sleep retry_delay * 2**attempt between at most max_retries + 1 tries.",
    virtual_time=True,
)

CASES = tuple(
    Case(f"{text}-{retries}-{delay}", {"text": text, "retries": retries, "delay": delay, "tries": tries, "seconds": seconds})
    for text, retries, delay, tries, seconds in (
        ("timeout", 0, 1.0, 1, 0.0),
        ("timeout", 1, 1.0, 2, 1.0),
        ("timeout", 3, 1.0, 4, 7.0),
        ("connection refused", 4, 0.5, 5, 7.5),
        ("bad address", 3, 1.0, 1, 0.0),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    config = need("stageflow.websearch:FetchConfig")(max_retries=params["retries"], retry_delay=params["delay"])
    fetcher = scripted_fetcher([OSError(params["text"])], config=config)
    loop = asyncio.get_running_loop()
    began = loop.time()
    result = await fetcher.fetch("http://host/")
    expect_equal([len(fetcher.made), round(loop.time() - began, 3)], [params["tries"], params["seconds"]], "tries and seconds")
    expect_equal([result.success, result.error], [False, params["text"]], "success and error")


async def control(params):
    pauses = [params["delay"] * 2**n for n in range(params["tries"] - 1)]
    expect_equal(float(sum(pauses)), params["seconds"], "sum of the pauses")
