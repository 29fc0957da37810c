"""Extracted markdown contains the text of every documented kind of block."""

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="Without selectolax the extracted markdown lacks all lists, quotes, code blocks and tables",
    claim="Lists, quotes, code and tables are part of the markdown; without selectolax everything still works, only slower.",
    source="docs/guides/websearch.md#structure-preservation",
    component="stageflow.websearch.extractor.FallbackContentExtractor.extract",
    subsystem="websearch",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Whoever uses the markdown never sees these parts of a page, and nothing says so.",
    recommendation="Take every block element into the markdown of FallbackContentExtractor, not just h1-h6 and p.",
    workaround="Install selectolax, or use plain_text.",
    cause="stageflow.websearch.extractor:FallbackContentExtractor.extract #blocks",
)

CASES = tuple(
    Case(name, {"html": html})
    for name, html in (
        ("paragraph", "<p>needle</p>"),
        ("heading", "<h2>needle</h2>"),
        ("list", "<ul><li>needle</li></ul>"),
        ("numbered-list", "<ol><li>needle</li></ol>"),
        ("quote", "<blockquote>needle</blockquote>"),
        ("code", "<pre><code>needle</code></pre>"),
        ("table", "<table><tr><td>needle</td></tr></table>"),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def check(text):
    expect("needle" in text, "the text of the block in the markdown", "it is missing")


def scenario(params):
    check(need("stageflow.websearch.extractor:FallbackContentExtractor")().extract(params["html"]).markdown)


def control(params):
    check(need("stageflow.websearch.extractor:FallbackContentExtractor")().extract(params["html"]).plain_text)
