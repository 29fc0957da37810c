"""Fetched text is decoded with the character set that the server names."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Fetched text is decoded with the wrong character set",
    claim="text is the content decoded with the charset of the content type, UTF-8 by default, and never raises.",
    source="docstring:stageflow.websearch.fetcher.FetchResult.text",
    component="stageflow.websearch.FetchResult",
    subsystem="websearch",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Letters outside ASCII are garbled.",
    recommendation="Read the charset parameter, decode with it, and fall back to UTF-8 with replacement.",
)

CASES = tuple(
    Case(kind, {"type": kind, "charset": charset, "text": text})
    for kind, charset, text in (
        ("text/html", "utf-8", "żółw 🐢"),
        ("text/html; charset=utf-8", "utf-8", "żółw 🐢"),
        ("text/html; charset=ISO-8859-2", "iso-8859-2", "żółw"),
        ("text/html; Charset=windows-1250; boundary=x", "windows-1250", "żółw"),
        ("text/html; charset=no-such-set", "utf-8", "żółw"),
        ("text/plain; charset=", "utf-8", "żółw"),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.websearch")
    return CASES


def scenario(params):
    result = need("stageflow.websearch:FetchResult")(url="u", content=params["text"].encode(params["charset"]), content_type=params["type"])
    expect_equal(result.text, params["text"], f"text of {params['type']}")


def control(params):
    expect_equal(params["text"].encode(params["charset"]).decode(params["charset"]), params["text"], "text through its own charset")
