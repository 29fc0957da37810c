"""Searches the web within a time limit and fails closed: without an answer there is no result, hence no citation."""

import datetime as dt
import hashlib
import json
import re
import time
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_fixed

from agent.core.errors import UsageError
from agent.core.files import write_json
from agent.core.secrets import without_secrets
from agent.core.settings import Settings
from agent.core.tool import Record, Tool, ToolContext
from tools.search_providers import PROVIDERS, Attempt, Provider, Rows, SearchFailed

TRIES = 2
FRESH_SECONDS = 7 * 24 * 3600.0
"""A cached answer older than this is asked for again."""
ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|.?)|\x9b[0-?]*[ -/]*[@-~]?", re.S
)
URL = re.compile(r"https?://[^\s/?#<>\"]+[^\s<>\"]*", re.I)
LONGEST = {"title": 300, "url": 2000, "snippet": 1000, "error": 300}
"""Characters; longer text is cut, a longer URL drops its result."""


class WebSearchArgs(Record):
    """What to search for, and how long it may take."""

    query: str = Field(description="what to search for", min_length=1, max_length=400, pattern=r"\S")
    max_results: int = Field(default=8, ge=1, le=50, description="most results to return")
    seconds: float = Field(default=8.0, gt=0, le=60, description="limit for all tries together")


class WebResult(Record):
    """One result, as text without control characters."""

    rank: int = Field(description="place in the answer, from 1")
    title: str = Field(description="title of the page")
    url: str = Field(description="http or https address")
    snippet: str = Field(description="the engine's excerpt; nobody has read the page itself")
    retrieved_at: str = Field(description="when the engine answered, ISO 8601, UTC")


class WebSearchResult(Record):
    """The answer, or why there is none."""

    query: str = Field(description="the query as asked")
    ok: bool = Field(description="an engine answered; only then may anything be cited")
    provider: str = Field(description="which provider was asked")
    results: tuple[WebResult, ...] = Field(default=(), description="best first; empty when not ok")
    error: str = Field(default="", description="why there is no answer")
    notice: str = Field(default="", description="anything else worth knowing, e.g. that the answer could not be cached")
    attempts: int = Field(description="how often the web was asked; 0 when the answer came from the cache")
    cache_age_seconds: float | None = Field(default=None, description="age of the cached answer; none when it is fresh from the web")
    seconds: float = Field(description="real time this took")


class CachedAnswer(Record):
    """A file of the search cache."""

    query: str = Field(description="the query as asked")
    provider: str = Field(description="which provider answered")
    asked_for: int = Field(description="most results wanted then")
    fetched_at: float = Field(description="seconds since the epoch")
    results: tuple[WebResult, ...] = Field(description="the answer")


def clean(text: object, longest: int) -> str:
    """One line of `text` without keys, terminal escapes, control, format or unassigned characters, at most `longest` characters."""
    bare = " ".join(ESCAPE.sub("", without_secrets(str(text))).split())
    bare = " ".join("".join(c for c in bare if not unicodedata.category(c).startswith("C")).split())
    return bare if len(bare) <= longest else bare[: longest - 1] + "…"


def web_search(args: WebSearchArgs, context: ToolContext) -> WebSearchResult:
    """Answer from the cache or from the web; trouble with the network is an answer too, never an exception."""
    name = checked_provider(context.settings)
    began = time.monotonic()
    cached = None if name == "offline" else _cached(_cache_file(context, name, args.query), args)
    if cached is None:
        return search(args, name, PROVIDERS[name], context)
    age = round(max(0.0, time.time() - cached.fetched_at), 1)
    return _answer(args, cached.provider, began, ok=True, results=cached.results[: args.max_results], attempts=0, cache_age_seconds=age)


def checked_provider(settings: Settings) -> str:
    """Name of the provider that is set.

    Raises:
        UsageError: there is none of that name, or it lacks a setting.
    """
    if settings.search not in PROVIDERS:
        raise UsageError(f"unknown search provider {settings.search!r}", hint=f"Choose one of: {', '.join(PROVIDERS)}.")
    if settings.search == "searxng" and not settings.searxng_url:
        raise UsageError("the search provider searxng needs the root of an instance", hint="Set STAGEFLOW_AGENT_SEARXNG_URL.")
    return settings.search


def search(args: WebSearchArgs, name: str, provider: Provider, context: ToolContext) -> WebSearchResult:
    """Ask `provider`, and cache what it answers."""
    began = time.monotonic()
    tries: list[int] = []
    try:
        rows = _ask(provider, args, began + args.seconds, tries, context.settings.searxng_url or "")
    except SearchFailed as failed:
        context.progress(f"web search failed: {clean(failed, 100)}")
        return _answer(args, name, began, ok=False, error=clean(failed, LONGEST["error"]), attempts=len(tries))
    results = results_of(rows, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))[: args.max_results]
    if not results:
        return _answer(args, name, began, ok=False, error="the answer holds no usable result", attempts=len(tries))
    answer = CachedAnswer(query=args.query, provider=name, asked_for=args.max_results, fetched_at=time.time(), results=results)
    notice = _keep(_cache_file(context, name, args.query), answer)
    return _answer(args, name, began, ok=True, results=results, attempts=len(tries), notice=notice)


def results_of(rows: Iterable[dict[str, Any]], retrieved_at: str) -> tuple[WebResult, ...]:
    """Cleaned results; rows without a title or with an address that is not plainly usable are left out, an address appears once."""
    found: dict[str, WebResult] = {}
    for row in rows:
        url = str(row.get("href") or "").strip()
        title = clean(row.get("title") or "", LONGEST["title"])
        if title and url not in found and URL.fullmatch(url) and clean(url, LONGEST["url"]) == url:
            snippet = clean(row.get("body") or "", LONGEST["snippet"])
            found[url] = WebResult(rank=len(found) + 1, title=title, url=url, snippet=snippet, retrieved_at=retrieved_at)
    return tuple(found.values())


def _ask(provider: Provider, args: WebSearchArgs, deadline: float, tries: list[int], url: str) -> Rows:
    """The provider's rows; a second try after a transient failure, in what is left of the time."""

    def once() -> Rows:
        tries.append(len(tries) + 1)
        left = deadline - time.monotonic()
        if left < 0.2:
            raise SearchFailed(f"no answer within {args.seconds:g} s", transient=False)
        share = left / 2 if len(tries) < TRIES else left
        return provider(Attempt(args.query, args.max_results, share, len(tries), url))

    transient = retry_if_exception(lambda error: isinstance(error, SearchFailed) and error.transient)
    return Retrying(stop=stop_after_attempt(TRIES), wait=wait_fixed(0.1), retry=transient, reraise=True)(once)


def _answer(args: WebSearchArgs, provider: str, began: float, **fields: Any) -> WebSearchResult:
    return WebSearchResult(query=args.query, provider=provider, seconds=round(time.monotonic() - began, 3), **fields)


def _cache_file(context: ToolContext, provider: str, query: str) -> Path:
    """The place of an answer; each SearXNG instance has its own."""
    asked = [" ".join(query.casefold().split()), *([context.settings.searxng_url or ""] if provider == "searxng" else [])]
    key = hashlib.sha256("\n".join(asked).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return context.settings.cache / "search" / f"{key}.json"


def _cached(file: Path, args: WebSearchArgs) -> CachedAnswer | None:
    """The cached answer when it is readable, fresh and asked for enough results."""
    try:
        answer = CachedAnswer.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):  # absent or damaged: ask again
        return None
    enough = answer.asked_for >= args.max_results or len(answer.results) < answer.asked_for
    return answer if enough and time.time() - answer.fetched_at <= FRESH_SECONDS else None


def _keep(file: Path, answer: CachedAnswer) -> str:
    """Cache the answer; says so when that fails."""
    try:
        write_json(file, answer.model_dump(mode="json"))
    except OSError as error:
        return f"the answer was not cached: {error.strerror}"
    return ""


TOOL = Tool(
    name="web_search",
    help="Search the web; without network it says so and returns nothing to cite.",
    args=WebSearchArgs,
    result=WebSearchResult,
    run=web_search,
)
