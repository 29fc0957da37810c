"""Reads one web page, politely and within limits, as passages that can be quoted: each with hash, address and time."""

import datetime as dt
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from agent.core.files import write_json
from agent.core.tool import Record, Tool, ToolContext
from tools.page_pieces import pieces
from tools.web_search import FRESH_SECONDS, LONGEST, clean

PASSAGE, FEWEST, MOST = 600, 40, 200
"""Characters of a passage at most and at least, and passages of a page at most."""


class ReadPageArgs(Record):
    """Which page, and how much it may cost."""

    url: str = Field(description="http or https address", min_length=8, max_length=2000)
    seconds: float = Field(default=10.0, gt=0, le=60, description="limit for robots.txt, redirects, page and extraction together")
    most: int = Field(default=2_000_000, ge=1_000, le=10_000_000, description="most bytes of a page")


class WebPassage(Record):
    """One paragraph of the page's main text, or a part of a long one; a single line without control characters."""

    id: str = Field(description="start of the page's hash and the place in the page, from 1")
    text: str = Field(description="at most 600 characters, cut between sentences where possible")
    sha256: str = Field(description="hash of the text")


class ReadPageResult(Record):
    """The page, or why it was not read."""

    url: str = Field(description="the address as asked")
    ok: bool = Field(description="the page was read; only then may anything be quoted")
    page: str = Field(default="", description="the address it was found at, after redirects")
    title: str = Field(default="", description="its title; may be empty")
    type: str = Field(default="", description="text/html or text/plain")
    bytes: int = Field(default=0, description="size of the page")
    sha256: str = Field(default="", description="hash of the page's bytes")
    retrieved_at: str = Field(default="", description="when it was fetched, ISO 8601, UTC")
    passages: tuple[WebPassage, ...] = Field(default=(), description="main text in the page's order; never empty when ok")
    error: str = Field(default="", description="why it was not read")
    notice: str = Field(default="", description="anything else worth knowing")
    cache_age_seconds: float | None = Field(default=None, description="age of the cached page; none when it is fresh from the web")
    seconds: float = Field(description="real time this took")


class CachedPage(Record):
    """A file of the page cache."""

    fetched_at: float = Field(description="seconds since the epoch")
    result: ReadPageResult = Field(description="the page as it was read")


def read_page(args: ReadPageArgs, context: ToolContext) -> ReadPageResult:
    """Answer from the cache or from the web; trouble is an answer too, never an exception."""
    began = time.monotonic()
    if context.settings.search == "offline":
        return _failed(args, began, "no network: the `offline` provider is set")
    file = _cache_file(context, args.url)
    if cached := _cached(file, args):
        age = round(max(0.0, time.time() - cached.fetched_at), 1)
        return cached.result.model_copy(update={"url": args.url, "cache_age_seconds": age, "seconds": round(time.monotonic() - began, 3)})
    answer = _in_child(args, context)
    if "error" in answer:
        return _failed(args, began, answer["error"])
    result = _result(args, answer, began)
    if not result.ok:
        return result
    notices = [result.notice, _keep(file, CachedPage(fetched_at=time.time(), result=result))]
    return result.model_copy(update={"notice": "; ".join(filter(None, notices))})


def passages_of(sha256: str, paragraphs: list[str]) -> tuple[WebPassage, ...]:
    """Passages of a page; repeated and very short ones are left out."""
    lines = (clean(paragraph, len(paragraph) + 1) for paragraph in paragraphs)
    texts = dict.fromkeys(piece for line in lines for piece in pieces(line, PASSAGE) if len(piece) >= FEWEST)
    return tuple(
        WebPassage(id=f"{sha256[:8]}-{number}", text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
        for number, text in enumerate(texts, 1)
    )


def _result(args: ReadPageArgs, answer: dict[str, Any], began: float) -> ReadPageResult:
    """What the reading process brought, as a record."""
    found = passages_of(answer["sha256"], answer["paragraphs"])
    if not found:
        return _failed(args, began, "no main text was found in it")
    return ReadPageResult(
        url=args.url,
        ok=True,
        page=clean(answer["url"], LONGEST["url"]),
        title=clean(answer["title"], LONGEST["title"]),
        type=answer["type"],
        bytes=answer["bytes"],
        sha256=answer["sha256"],
        retrieved_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        passages=found[:MOST],
        notice=f"{len(found) - MOST} further passages are left out" if len(found) > MOST else "",
        seconds=round(time.monotonic() - began, 3),
    )


def _failed(args: ReadPageArgs, began: float, error: str) -> ReadPageResult:
    return ReadPageResult(url=args.url, ok=False, error=clean(error, LONGEST["error"]), seconds=round(time.monotonic() - began, 3))


def _in_child(args: ReadPageArgs, context: ToolContext) -> dict[str, Any]:
    """The answer of a process that has an empty environment, hence no keys, and is killed when the time is up."""
    order = {"url": args.url, "seconds": args.seconds, "most": args.most, "hosts": context.settings.fetch_hosts}
    command = [sys.executable, "-m", "tools.page_worker"]
    try:
        done = subprocess.run(
            command, input=json.dumps(order), capture_output=True, text=True, timeout=args.seconds, cwd=context.settings.project, env={}
        )
    except subprocess.TimeoutExpired:
        return {"error": f"not read within {args.seconds:g} s"}
    except OSError as error:
        return {"error": f"the reading process did not start: {error.strerror}"}
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        return {"error": f"the reading process died: {last[0]}"}
    return answer


def _cache_file(context: ToolContext, url: str) -> Path:
    """The place of a page; that of a host which only a setting allows is another one."""
    named = sorted(host for host in context.settings.fetch_hosts if host in url.lower())
    key = hashlib.sha256("\n".join([url, *named]).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return context.settings.cache / "pages" / f"{key}.json"


def _cached(file: Path, args: ReadPageArgs) -> CachedPage | None:
    """The cached page when it is readable, fresh and small enough."""
    try:
        page = CachedPage.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):  # absent or damaged: ask again
        return None
    return page if page.result.bytes <= args.most and time.time() - page.fetched_at <= FRESH_SECONDS else None


def _keep(file: Path, page: CachedPage) -> str:
    """Cache the page; says so when that fails."""
    try:
        write_json(file, page.model_dump(mode="json"))
    except OSError as error:
        return f"the page was not cached: {error.strerror}"
    return ""


TOOL = Tool(
    name="read_page",
    help="Read a web page as passages to quote; honours robots.txt, refuses addresses that are not public.",
    args=ReadPageArgs,
    result=ReadPageResult,
    run=read_page,
)
