"""Web search: fails closed, keeps its time limit, caches, and lets no control character through."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.core.errors import UsageError
from agent.core.settings import Settings, project_root
from agent.core.tool import ToolContext
from tests.conftest import SLACK, agent
from tests.loopback_web import FOUND, LoopbackWeb
from tests.serving import serving
from tools.search_providers import PROVIDERS, Attempt, SearchFailed
from tools.web_search import LONGEST, TOOL, CachedAnswer, WebSearchArgs, WebSearchResult, clean, results_of, search

SEARCH = """
import json, sys, time
from pathlib import Path
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from tools.web_search import TOOL
context = ToolContext(Settings.load({}, cache=Path(sys.argv[1]), search="ddgs"), None, None, lambda line: None)
began = time.monotonic()
answer = TOOL.call(json.loads(sys.argv[2]), context)
print(json.dumps({"wall": time.monotonic() - began, "answer": answer.model_dump(mode="json")}))
"""


def context(cache: Path, search: str = "offline") -> ToolContext:
    return ToolContext(Settings.load({}, cache=cache, search=search), None, None, lambda line: None)


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A proxy that accepts connections and never says anything."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_offline_answers_without_results(tmp_path: Path) -> None:
    answer = TOOL.call({"query": "asyncio cancellation"}, context(tmp_path))
    assert not answer.ok
    assert answer.results == ()
    assert "no network" in answer.error
    assert answer.attempts == 1, "being offline is not transient"
    assert not (tmp_path / "search").exists(), "failures are not cached"


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_provider_answers_with_rows_or_says_why_not(provider: str) -> None:
    began = time.monotonic()
    try:
        assert isinstance(PROVIDERS[provider](Attempt("python", 3, 0.6, 1)), list)
    except SearchFailed as failed:
        assert str(failed)
    assert time.monotonic() - began < 0.6 + SLACK


@pytest.mark.parametrize("seconds", [1.0, 2.0])
def test_a_black_hole_does_not_outlast_the_time_limit(tmp_path: Path, black_hole: str, seconds: float) -> None:
    order = json.dumps({"query": "asyncio cancellation", "seconds": seconds})
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", SEARCH, str(tmp_path), order],
        cwd=project_root(),
        env=os.environ | {"DDGS_PROXY": black_hole},
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = json.loads(done.stdout)
    answer = WebSearchResult.model_validate(said["answer"])
    assert not answer.ok
    assert answer.results == ()
    assert answer.attempts == 2, "a time-out is worth one more try"
    assert said["wall"] <= seconds + SLACK
    assert time.monotonic() - began <= seconds + 2 * SLACK, "nothing is left that holds the process back when it ends"


def cached(folder: Path, age: float, count: int = 2) -> Path:
    """Put an answer into the cache under the query `known`, as a search would have."""
    rows = [{"title": f"t{n}", "href": f"https://example.org/{n}", "body": "b"} for n in range(count)]
    answer = CachedAnswer(
        query="known", provider="ddgs", asked_for=8, fetched_at=time.time() - age, results=results_of(rows, "2026-01-01T00:00:00+00:00")
    )
    name = hashlib.sha256(b"known").hexdigest()[:24]
    file = folder / "search" / f"{name}.json"
    file.parent.mkdir(parents=True)
    file.write_text(answer.model_dump_json(), encoding="utf-8")
    return file


def test_a_cached_answer_needs_no_network_and_tells_its_age(tmp_path: Path) -> None:
    cached(tmp_path, age=90)
    answer = TOOL.call({"query": "  KNOWN ", "max_results": 1}, context(tmp_path, "ddgs"))
    assert answer.ok
    assert answer.attempts == 0
    assert answer.cache_age_seconds == pytest.approx(90, abs=5)
    assert [r.url for r in answer.results] == ["https://example.org/0"]
    assert answer.results[0].retrieved_at == "2026-01-01T00:00:00+00:00"


def test_an_answer_is_retried_once_cached_and_served_again(tmp_path: Path) -> None:
    numbers: list[int] = []

    def second_try(attempt: Attempt) -> list[dict[str, str]]:
        numbers.append(attempt.number)
        if attempt.number == 1:
            raise SearchFailed("HTTP 429", transient=True)
        return [{"title": "Tasks", "href": "https://example.org/tasks", "body": "cancel()"}, {"title": "", "href": "https://example.org/x"}]

    first = search(WebSearchArgs(query="Cancel a task"), "ddgs", second_try, context(tmp_path))
    assert (first.ok, first.attempts, numbers, first.cache_age_seconds) == (True, 2, [1, 2], None)
    again = TOOL.call({"query": "cancel  a TASK"}, context(tmp_path, "ddgs"))
    assert (again.ok, again.attempts, again.results) == (True, 0, first.results)


def test_a_lasting_failure_is_not_retried(tmp_path: Path) -> None:
    def refuse(attempt: Attempt) -> list[dict[str, str]]:
        raise SearchFailed("\x1b[31mDNSError", transient=False)

    answer = search(WebSearchArgs(query="x"), "ddgs", refuse, context(tmp_path))
    assert (answer.ok, answer.attempts, answer.error, answer.results) == (False, 1, "DNSError", ())


def test_a_cache_that_cannot_be_written_is_said_not_raised(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("in the way")
    rows = [{"title": "t", "href": "https://example.org/"}]
    answer = search(WebSearchArgs(query="x"), "ddgs", lambda attempt: rows, context(tmp_path))
    assert answer.ok
    assert "not cached" in answer.notice


@pytest.mark.parametrize("spoil", ["stale", "torn", "foreign"])
def test_an_unusable_cache_file_is_asked_for_again(tmp_path: Path, spoil: str) -> None:
    file = cached(tmp_path, age=30 * 24 * 3600 if spoil == "stale" else 1)
    if spoil == "torn":
        file.write_text(file.read_text()[:40])
    if spoil == "foreign":
        file.write_text('{"results": 3}')
    answer = TOOL.call({"query": "known", "seconds": 0.5}, context(tmp_path, "ddgs"))
    assert answer.attempts >= 1
    assert answer.cache_age_seconds is None


def test_offline_does_not_serve_the_cache(tmp_path: Path) -> None:
    cached(tmp_path, age=1)
    assert not TOOL.call({"query": "known"}, context(tmp_path)).ok


def searxng(url: str, cache: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command line, asking a SearXNG."""
    own = {"STAGEFLOW_AGENT_SEARCH": "searxng", "STAGEFLOW_AGENT_SEARXNG_URL": url, "STAGEFLOW_AGENT_CACHE": str(cache)}
    return agent("tool", "web_search", "--query", "charged twice", "--json", *options, env=os.environ | own)


def test_searxng_brings_results(tmp_path: Path) -> None:
    with serving(LoopbackWeb()) as web:
        answer = WebSearchResult.model_validate_json(searxng(f"{web.url}/", tmp_path, "--max-results", "3").stdout)
    assert (answer.ok, answer.provider, answer.attempts) == (True, "searxng", 1)
    assert [(r.title, r.url, r.snippet) for r in answer.results[:1]] == [("About normal", f"{web.url}/normal", "What normal is about")]
    assert len(answer.results) == 3 < len(FOUND)


@pytest.mark.parametrize(
    ("form", "words"), [("off", "HTTP 403, its JSON format seems to be disabled"), ("html", "no results as JSON (text/html)")]
)
def test_a_searxng_without_json_is_told_in_one_line(form: str, words: str, tmp_path: Path) -> None:
    with serving(LoopbackWeb(form=form)) as web:
        answer = WebSearchResult.model_validate_json(searxng(web.url, tmp_path).stdout)
    assert (answer.ok, answer.results, answer.attempts) == (False, (), 1)
    assert words in answer.error and "search.formats" in answer.error and "\n" not in answer.error


def test_a_searxng_that_says_nothing_does_not_outlast_the_time_limit(tmp_path: Path, black_hole: str) -> None:
    settings = Settings.load({}, cache=tmp_path, search="searxng", searxng_url=black_hole)
    began = time.monotonic()
    answer = TOOL.call({"query": "x", "seconds": 1.5}, ToolContext(settings, None, None, lambda line: None))
    assert not answer.ok and answer.attempts == 2 and time.monotonic() - began < 1.5 + SLACK


def test_searxng_without_an_address_is_wrong_usage(tmp_path: Path) -> None:
    done = searxng("", tmp_path)
    assert done.returncode == 2 and "needs the root of an instance" in done.stderr and "STAGEFLOW_AGENT_SEARXNG_URL" in done.stderr


def test_an_unknown_provider_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="carrier-pigeon"):
        TOOL.call({"query": "x"}, context(tmp_path, "carrier-pigeon"))


@given(st.text(max_size=400), st.integers(min_value=1, max_value=300))
@example("\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \u202egnp.exe\u2066\x00", 50)
def test_clean_text_is_short_and_without_control_characters(text: str, longest: int) -> None:
    shown = clean(text, longest)
    assert len(shown) <= longest
    assert not any(unicodedata.category(c).startswith("C") for c in shown)
    assert clean(shown, longest) == shown


def test_terminal_escapes_go_away_as_a_whole() -> None:
    assert clean("a\x1b[1;31mb\x1b]8;;http://x\x07c\x1b[0m\r\n d", 50) == "abc d"


@given(st.lists(st.fixed_dictionaries({}, optional={"title": st.text(), "href": st.text() | st.just("https://a.b/c"), "body": st.text()})))
def test_results_are_ranked_bounded_and_http_only(rows: list[dict[str, str]]) -> None:
    found = results_of(rows, "now")
    assert [r.rank for r in found] == list(range(1, len(found) + 1))
    for result in found:
        assert result.url.lower().startswith(("http://", "https://"))
        assert len(result.title) <= LONGEST["title"]
        assert len(result.snippet) <= LONGEST["snippet"]
        assert not any(unicodedata.category(c).startswith("C") for c in result.title + result.url + result.snippet)


def test_an_address_that_would_have_to_be_changed_is_dropped() -> None:
    rows = [{"title": "t", "href": href} for href in ("https://a.b/\u202ec", "javascript:alert(1)", "https://", "https://ok.example/")]
    assert [r.url for r in results_of(rows, "now")] == ["https://ok.example/"]


def test_the_engines_asked_for_exist_in_ddgs() -> None:
    engines = pytest.importorskip("ddgs.engines").ENGINES["text"]
    assert "duckduckgo" in engines, "an unknown name would silently mean all of them"
