"""Documentation search: headings, anchors, the index, and queries of any kind."""

import hashlib
import multiprocessing
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core.settings import Settings
from agent.core.tool import ToolContext
from tools.doc_sections import plain_heading, slug, split
from tools.read_docs import TOOL, ReadDocsResult, newest_version, section_exists, sections

PAGE = """Text in front.

# Retry & `backoff`

How often a call is retried.

```python
# not a heading
~~~
```

## Time-to-live (TTL)

Entries expire. The TimeoutInterceptor watches.

   ~~~text
## not a heading either
```
   ~~~

## Time-to-live (TTL)

Again, with [a link](x.md).

###   Closed by hashes ###

#hashtag is text
### The [`run()`](api.md#run) *method*_x
"""


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("stageflow-docs")
    pages = {
        "INDEX.md": "# Own index\n\nWhere to find the retry page.\n",
        "upstream/1.2.0/README.md": "# Framework\n\n## Features\n\nFast.\n",
        "upstream/1.2.0/docs/advanced/retry.md": PAGE,
        "upstream/1.2.0/docs/guides/events.md": "# Events\n\nSinks receive events. Retry is not described here, nor are retries.\n",
        "upstream/0.9.6/docs/old.md": "# Old\n\nRetry of yesterday.\n",
    }
    for name, text in pages.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def ask(docs: Path, cache: Path, query: str, **more: object) -> ReadDocsResult:
    return TOOL.call({"query": query, **more}, ToolContext(Settings.load({}, docs=docs, cache=cache), None, None, lambda line: None))


def test_sections_respect_fences_and_number_anchors(docs: Path) -> None:
    found = sections(docs / "upstream/1.2.0/docs/advanced/retry.md")
    assert [(s.level, s.title, s.anchor, s.first_line) for s in found] == [
        (0, "", "", 1),
        (1, "Retry & backoff", "retry--backoff", 3),
        (2, "Time-to-live (TTL)", "time-to-live-ttl", 12),
        (2, "Time-to-live (TTL)", "time-to-live-ttl-1", 21),
        (3, "Closed by hashes", "closed-by-hashes", 25),
        (3, "The run() method_x", "the-run-method_x", 28),
    ]
    assert "# not a heading" in found[1].text


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("cleanup_run(run_id) -> None", "cleanup_runrun_id---none"),
        ("1. Fail Fast", "1-fail-fast"),
        ("What's new?", "whats-new"),
        ("Größe", "größe"),
    ],
)
def test_anchors_are_githubs(title: str, anchor: str) -> None:
    assert slug(title) == anchor


HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")


@given(st.text(alphabet="# \tab*`[](", max_size=12).map("#".__add__))
def test_a_heading_is_what_the_plain_definition_takes_for_one(line: str) -> None:
    found = HEADING.fullmatch(line)
    assert [(s.level, s.title) for s in split(line) if s.level] == ([(len(found[1]), plain_heading(found[2] or ""))] if found else [])


@given(st.text(alphabet="#`~ ab\n-", max_size=200))
def test_anchors_of_a_page_are_unique_and_no_line_is_lost(text: str) -> None:
    found = split(text)
    anchors = [s.anchor for s in found if s.level]
    assert len(anchors) == len(set(anchors))
    assert [s.first_line for s in found] == sorted({s.first_line for s in found})
    kept = "".join(s.text for s in found)
    assert kept.count("a") + sum(s.title.count("a") for s in found) >= text.count("a")


@pytest.mark.parametrize(
    ("link", "exists"),
    [
        ("docs/advanced/retry.md#time-to-live-ttl-1", True),
        ("docs/advanced/retry.md", True),
        ("README.md#features", True),
        ("INDEX.md#own-index", True),
        ("docs/advanced/retry.md#not-a-heading", False),
        ("docs/advanced/none.md#x", False),
        ("docs/old.md#old", False),
        ("../0.9.6/docs/old.md#old", False),
        ("", False),
    ],
)
def test_a_claims_source_is_checked(docs: Path, link: str, exists: bool) -> None:
    assert section_exists(docs, "1.2.0", link) is exists


def test_the_best_section_comes_first_with_its_passage(docs: Path, cache: Path) -> None:
    answer = ask(docs, cache, "How does retrying back off?")
    first = answer.hits[0]
    raw = (docs / "upstream/1.2.0/docs/advanced/retry.md").read_bytes()
    assert (first.path, first.section) == ("upstream/1.2.0/docs/advanced/retry.md", "Retry & backoff"), "stems match, titles count more"
    assert first.link == "upstream/1.2.0/docs/advanced/retry.md#retry--backoff"
    assert first.source == "docs/advanced/retry.md#retry--backoff"
    assert section_exists(docs, answer.version, first.source)
    assert "How often a call is retried." in first.excerpt
    assert first.sha256 == hashlib.sha256(raw).hexdigest()
    assert (answer.version, answer.collections, answer.pages, answer.notice) == ("1.2.0", ("upstream/1.2.0", "own"), 4, "")


def test_parts_of_a_name_are_found(docs: Path, cache: Path) -> None:
    assert ask(docs, cache, "timeout interceptor").hits[0].anchor == "time-to-live-ttl"
    assert ask(docs, cache, "TimeoutInterceptor").hits[0].anchor == "time-to-live-ttl"


def test_another_version_can_be_asked_for(docs: Path, cache: Path) -> None:
    assert {h.path for h in ask(docs, cache, "retry", version="0.9.6").hits} == {"upstream/0.9.6/docs/old.md", "INDEX.md"}


def test_absent_upstream_docs_are_said_and_the_own_pages_searched(docs: Path, cache: Path) -> None:
    answer = ask(docs, cache, "retry", version="9.9")
    assert answer.notice == "upstream docs of 9.9 are not here: run `make docs`"
    assert answer.collections == ("own",)
    assert [h.collection for h in answer.hits] == ["own"]


def test_nothing_here_at_all(tmp_path: Path) -> None:
    answer = ask(tmp_path / "none", tmp_path / "cache", "retry")
    assert (answer.hits, answer.pages, answer.collections) == ((), 0, ())
    assert answer.notice == "upstream docs are not here: run `make docs`"


def test_the_newest_version_is_the_highest_number(tmp_path: Path) -> None:
    for name in ("0.9.6", "0.10.0", "1.2.0", "0.9.10", ".2.0.0.new-x"):
        (tmp_path / "upstream" / name).mkdir(parents=True)
    assert newest_version(tmp_path) == "1.2.0"


def test_a_change_of_a_page_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "INDEX.md"
    page.write_text("# One\n\nalpha\n")
    assert ask(tmp_path, tmp_path / "cache", "alpha").hits
    page.write_text("# One\n\nomega\n")
    assert not ask(tmp_path, tmp_path / "cache", "alpha").hits
    assert ask(tmp_path, tmp_path / "cache", "omega").hits


@pytest.mark.parametrize("harm", ["damaged", "unwritable"])
def test_a_bad_cache_costs_nothing_but_time(tmp_path: Path, harm: str) -> None:
    (tmp_path / "INDEX.md").write_text("# One\n\nalpha\n")
    cache = tmp_path / "cache"
    if harm == "unwritable":
        cache.write_text("a file is in the way")
    else:
        assert ask(tmp_path, cache, "alpha").hits
        for file in cache.iterdir():
            file.write_bytes(file.read_bytes()[:5000])
    assert ask(tmp_path, cache, "alpha").hits


def _count(docs: Path, cache: Path) -> int:
    return len(ask(docs, cache, "retry").hits)


def test_processes_may_build_the_index_at_once(docs: Path, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.starmap(_count, [(docs, tmp_path)] * 8))) == 1
    assert [p.suffix for p in tmp_path.iterdir()] == [".sqlite"], "one index, nothing half-made"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="\"'()*:^-+ANDORNOT retry", max_size=60), st.integers(1, 50))
def test_any_query_gets_an_answer(docs: Path, cache: Path, query: str, limit: int) -> None:
    answer = ask(docs, cache, query, limit=limit)
    assert len(answer.hits) <= limit
    assert [h.score for h in answer.hits] == sorted((h.score for h in answer.hits), reverse=True)
    assert all(len(h.excerpt) <= 700 for h in answer.hits)
