"""Extracted markdown has the headings and paragraphs in the order of the page."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Without selectolax the extracted markdown lists all headings first and all paragraphs after them",
    claim="Extraction preserves the structure of the page; without selectolax everything still works, only slower.",
    source="docs/guides/websearch.md#installation",
    component="stageflow.websearch.extractor.FallbackContentExtractor",
    subsystem="websearch",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="All text stands under the last heading of the page, not under its own.",
    recommendation="Collect headings and paragraphs in one pass over the document instead of two.",
    workaround="Install selectolax.",
    cause="stageflow.websearch.extractor:FallbackContentExtractor.extract #order",
)

CASES = (
    Case("one-section", {"blocks": [["h1", "A"], ["p", "one"]]}),
    Case("two-sections", {"blocks": [["h1", "A"], ["p", "one"], ["h2", "B"], ["p", "two"]]}),
    Case("lead-paragraph", {"blocks": [["p", "lead"], ["h1", "A"], ["p", "one"]]}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def scenario(params):
    html = "".join(f"<{tag}>{text}</{tag}>" for tag, text in params["blocks"])
    markdown = need("stageflow.websearch.extractor:FallbackContentExtractor")().extract(html).markdown
    lines = [line for line in markdown.splitlines() if line]
    wanted = [f"{'#' * int(tag[1])} {text}" if tag[0] == "h" else text for tag, text in params["blocks"]]
    expect_equal(lines, wanted, "lines of the markdown")


def control(params):
    plain = need("stageflow.websearch.extractor:FallbackContentExtractor")()
    html = "".join(f"<{tag}>{text}</{tag}>" for tag, text in params["blocks"])
    expect_equal(plain.extract(html).plain_text.split(), [text for _, text in params["blocks"]], "plain text in order")
