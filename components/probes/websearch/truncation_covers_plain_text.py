"""A truncated page is short in both of its forms."""

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="WebPage.truncate leaves a long plain_text whole when the markdown is short",
    claim="max_chars is the maximum number of characters for markdown and plain_text of the truncated page.",
    source="docstring:stageflow.websearch.models.WebPage.truncate",
    component="stageflow.websearch.WebPage.truncate",
    subsystem="websearch",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The text handed to a model overruns its window; without selectolax plain_text often is the longer form.",
    recommendation="Truncate each form by its own length instead of returning early when the markdown fits.",
    workaround="Cut plain_text yourself.",
    cause="stageflow.websearch.models:WebPage.truncate",
)

CASES = (
    Case("both-long", {"markdown": 500, "plain": 500, "limit": 100}),
    Case("both-short", {"markdown": 50, "plain": 50, "limit": 100}),
    Case("plain-short", {"markdown": 500, "plain": 50, "limit": 100}),
    Case("markdown-short", {"markdown": 50, "plain": 500, "limit": 100}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def check(markdown, plain, params):
    expect(len(plain) <= params["limit"], f"plain_text of at most {params['limit']} characters", str(len(plain)))
    expect(len(markdown) <= params["limit"] + 30, f"markdown of about {params['limit']} characters", str(len(markdown)))


def scenario(params):
    page = need("stageflow.websearch:WebPage")(url="u", markdown="m" * params["markdown"], plain_text="p" * params["plain"])
    short = page.truncate(max_chars=params["limit"])
    check(short.markdown, short.plain_text, params)


def control(params):
    check(("m" * params["markdown"])[: params["limit"]], ("p" * params["plain"])[: params["limit"]], params)
