"""A site search keeps the pages that contain enough of the query, the best first."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import page_client

PROBE = Probe(
    title="search_and_extract keeps irrelevant pages, loses relevant ones, or orders them wrongly",
    claim="Relevant pages contain at least relevance_threshold of the query's words, more matches first; `pages` has all fetched.",
    source="docstring:stageflow.websearch.run_utils.search_and_extract",
    component="stageflow.websearch.search_and_extract",
    subsystem="websearch",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The model answers from the wrong pages.",
    recommendation="Score title and text by the share of query words, filter, and sort by it.",
    virtual_time=True,
)

TEXTS = {
    "http://h/": "start",
    "http://h/1": "alpha here",
    "http://h/2": "Alpha BETA gamma",
    "http://h/3": "nothing",
    "http://h/4": "beta alpha",
}
CASES = (
    Case("default", {"query": "alpha beta gamma", "options": {}, "relevant": ["/2", "/4", "/1"]}),
    Case("threshold", {"query": "alpha beta gamma", "options": {"relevance_threshold": 0.6}, "relevant": ["/2", "/4"]}),
    Case("all-words", {"query": "Alpha Beta Gamma", "options": {"relevance_threshold": 1.0}, "relevant": ["/2"]}),
    Case("no-match", {"query": "omega", "options": {}, "relevant": []}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


async def scenario(params):
    links = "".join(f"<a href='{url}'>x</a>" for url in TEXTS)
    pages = {url: f"<p>{text}</p>{links if url.endswith('h/') else ''}" for url, text in TEXTS.items()} | {"http://h/5": ""}
    search = need("stageflow.websearch:search_and_extract")
    result = await search("http://h/", params["query"], client_factory=lambda: page_client(pages), **params["options"])
    expect_equal([page.url[-2:] for page in result.relevant_pages], params["relevant"], "relevant pages, best first")
    words = sum(page.word_count for page in result.relevant_pages)
    expect_equal([len(result.pages), result.total_words], [len(TEXTS), words], "pages fetched and words of the relevant ones")


async def control(params):
    words = set(params["query"].lower().split())
    share = {url[-2:]: sum(word in text.lower() for word in words) / len(words) for url, text in TEXTS.items()}
    least = params["options"].get("relevance_threshold", 0.1)
    expect_equal(sorted(url for url, value in share.items() if value >= least), sorted(params["relevant"]), "pages by plain scoring")
