"""The websearch package imports without its optional dependencies, and says what to install when they are needed."""

import sys

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="stageflow.websearch does not work, or does not say why, without its optional dependencies",
    claim="Without selectolax the regex extractor and navigator are used; without httpx the client says that httpx has to be installed.",
    source="docs/guides/websearch.md#installation",
    component="stageflow.websearch",
    subsystem="packaging",
    category="reliability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="A minimal installation fails with a riddle.",
    recommendation="Guard the optional imports, choose the fallback, and name the missing package.",
)

CASES = (
    Case("import", {"missing": ["httpx", "selectolax", "selectolax.parser"], "question": "import"}),
    Case("mock-client", {"missing": ["httpx", "selectolax", "selectolax.parser"], "question": "mock client"}),
    Case("extractor", {"missing": ["selectolax", "selectolax.parser"], "question": "extractor"}),
    Case("client", {"missing": ["httpx"], "question": "client"}),
)
WANTED = {"import": True, "mock client": "Title", "extractor": "FallbackContentExtractor", "client": "ImportError names httpx"}


async def answer(question):
    websearch = need("stageflow.websearch")
    if question == "mock client":
        page = "<title>Title</title><p>text</p>"
        return (await websearch.create_mock_client({"http://h/": (200, page, {"content-type": "text/html"})}).fetch("http://h/")).title
    if question == "extractor":
        return type(need("stageflow.websearch.extractor:get_default_extractor")()).__name__
    if question == "client":
        try:
            websearch.WebSearchClient()
        except ImportError as error:
            return f"ImportError {'names' if 'httpx' in str(error) else 'does not name'} httpx"
    return True


async def scenario(params):
    if "stageflow.websearch" in sys.modules:
        for name in [name for name in sys.modules if name.startswith("stageflow.websearch")]:
            del sys.modules[name]
    for name in params["missing"]:
        sys.modules[name] = None
    expect_equal(await answer(params["question"]), WANTED[params["question"]], params["question"])


def control(params):
    for name in params["missing"]:
        sys.modules[name] = None
    try:
        need(params["missing"][0])
    except NotApplicable:
        return
    raise AssertionError("the package is still importable")
