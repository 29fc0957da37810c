"""Searches the documentation that is here: the framework's own pages of one version, and the pages of this project."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field

from agent.core.errors import ToolFailed
from agent.core.settings import Settings
from agent.core.tool import Record, Tool, ToolContext
from tools.doc_index import Found, Page, read_pages, search
from tools.doc_sections import Section, markdown_below, own_files, section_exists, sections

__all__ = ["TOOL", "DocHit", "ReadDocsArgs", "ReadDocsResult", "Section", "newest_version", "read_docs", "section_exists", "sections"]

EXCERPT = 700
"""Longest excerpt, in characters."""


class ReadDocsArgs(Record):
    """What to look for."""

    query: str = Field(description="words to look for; punctuation is ignored", max_length=1000)
    limit: int = Field(default=5, ge=1, le=50, description="most hits to return")
    version: str = Field(
        default="", pattern=r"^[\w.+-]*$", description="version of the upstream docs; empty: the target's, or else the newest that is here"
    )


class DocHit(Record):
    """One section that matches."""

    collection: Literal["upstream", "own"] = Field(description="the framework's docs, or a page of this project")
    path: str = Field(description="the page, relative to stageflow-docs/")
    section: str = Field(description="title of the section; the page's for text in front of the first heading")
    anchor: str = Field(description="the section's anchor, as GitHub makes it; empty for text in front of the first heading")
    link: str = Field(description="`path#anchor`")
    source: str = Field(description="the same relative to the version's folder, as a claim names it: `docs/page.md#anchor`")
    line: int = Field(description="line of the heading, from 1")
    score: float = Field(description="how well it matches; comparable within one answer only")
    excerpt: str = Field(description="the passage that matches, at most 700 characters")
    sha256: str = Field(description="hash of the whole page")


class ReadDocsResult(Record):
    """What was found, and where it was looked for."""

    query: str = Field(description="the query as asked")
    version: str = Field(description="version of the upstream docs that was asked for; empty when none is here")
    collections: tuple[str, ...] = Field(description="what was searched: `upstream/<version>`, `own`")
    pages: int = Field(description="how many pages were searched")
    hits: tuple[DocHit, ...] = Field(description="matching sections, best first")
    notice: str = Field(default="", description="what is missing and how to get it; empty when nothing is")


def newest_version(docs_root: Path) -> str:
    """The highest version below `upstream/`, or an empty text."""
    found = [p.name for p in (docs_root / "upstream").glob("[0-9]*") if p.is_dir()]
    return max(found, key=lambda name: [(int(n or 0), tail) for n, tail in re.findall(r"(\d*)([^\d.]*)", name)], default="")


def read_docs(args: ReadDocsArgs, context: ToolContext) -> ReadDocsResult:
    """Search the sections of the upstream docs and of the own pages."""
    settings = context.settings
    version = args.version or (context.target.version if context.target else "") or newest_version(settings.docs)
    upstream, own = _pages(settings, version)
    found = search(settings.cache, [*own, *upstream], args.query, args.limit)
    return ReadDocsResult(
        query=args.query,
        version=version,
        collections=((f"upstream/{version}",) if upstream else ()) + (("own",) if own else ()),
        pages=len(upstream) + len(own),
        hits=tuple(_hit(row, version) for row in found),
        notice="" if upstream else f"upstream docs{f' of {version}' if version else ''} are not here: run `make docs`",
    )


def _pages(settings: Settings, version: str) -> tuple[list[Page], list[Page]]:
    """(upstream pages of the version, own pages)."""
    docs = settings.docs
    folder = docs / "upstream" / version
    try:
        upstream = read_pages(docs, markdown_below(folder)) if version and folder.is_dir() else []
        return upstream, read_pages(docs, own_files(docs))
    except OSError as error:
        raise ToolFailed(f"cannot read the documentation in {docs}: {error.strerror}", hint="Fix its permissions.") from error


def _hit(found: Found, version: str) -> DocHit:
    anchor = f"#{found.anchor}" if found.anchor else ""
    excerpt = " ".join(found.excerpt.split()) or found.title
    return DocHit(
        collection="upstream" if found.path.startswith("upstream/") else "own",
        path=found.path,
        section=found.title,
        anchor=found.anchor,
        link=found.path + anchor,
        source=found.path.removeprefix(f"upstream/{version}/") + anchor,
        line=found.line,
        score=round(found.score, 3),
        excerpt=excerpt if len(excerpt) <= EXCERPT else excerpt[: EXCERPT - 1] + "…",
        sha256=found.sha256,
    )


TOOL = Tool(
    name="read_docs",
    help="Search the vendored documentation; hits link to the section and quote the passage.",
    args=ReadDocsArgs,
    result=ReadDocsResult,
    run=read_docs,
)
