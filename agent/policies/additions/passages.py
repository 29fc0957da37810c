"""Passages for a model: from web pages and documentation that were really read; the most telling ones are shown, all are stored."""

import hashlib
import sqlite3
from collections import Counter
from contextlib import closing
from typing import Any

from agent.core.artifacts import Action
from agent.models.added import Passage
from agent.models.foreign import neutral
from agent.phases.base import Mission
from agent.policies.additions.notes import Step, noted
from tools.doc_index import match_expression
from tools.read_page import ReadPageResult

PAGES, TRIES, SECONDS = 4, 6, 8.0
"""Web pages to read, addresses to try for them, and real seconds for each.

Only missions with a model read pages: the playbook's hypotheses are the roadmap entry's and quote nothing, so it would wait in vain.
"""
SHOWN, WEB, OF_ONE_PAGE = 8, 5, 2
"""Passages shown to the model, how many of them may be from the web, and from one page."""
LENGTH, TELLING = 420, 100
"""Most characters of a documentation passage, and fewest of one that is worth showing, if there is one."""

Rows = list[dict[str, Any]]


def pages(mission: Mission, receipts: Rows) -> Step[list[ReadPageResult]]:
    """Read the first results of every search, then the second ones, until there are enough pages."""
    tried: list[ReadPageResult] = []
    for number, url in enumerate(addresses(receipts)[:TRIES], 1):
        if sum(page.ok for page in tried) == PAGES:
            break
        args = {"url": url, "seconds": SECONDS}
        done = yield Action(id=f"page-{number}", tool="read_page", args=args, why=f"read the page {url[:80]}")
        failed = {"url": url, "ok": False, "error": done.error, "seconds": done.seconds}
        tried.append(ReadPageResult.model_validate(done.result if done.ok else failed))
    return tried


def addresses(receipts: Rows) -> list[str]:
    """Addresses of results: the best of each search first, each once."""
    ranked = sorted((rank, number, row["url"]) for number, search in enumerate(receipts) for rank, row in enumerate(search["results"]))
    return list(dict.fromkeys(url for _, _, url in ranked))


def stored(mission: Mission, documents: Rows, read: list[ReadPageResult], query: str) -> list[Passage]:
    """All passages, numbered, those of the web first; those to show are marked."""
    made = [one for page in read if page.ok for one in from_page(page)] + [from_document(hit) for hit in documents]
    unique: dict[str, Passage] = {}
    for passage in made:
        unique.setdefault(passage.sha256, passage)
    numbered = [passage.model_copy(update={"id": f"P{number}"}) for number, passage in enumerate(unique.values(), 1)]
    for passage in numbered:
        if passage.instructions_removed:
            noted(mission, "research", f"passage {passage.id}", "it reads like an instruction to a model: taken out, and not shown to one")
    shown = to_show([passage for passage in numbered if not passage.instructions_removed], query)
    return [passage.model_copy(update={"shown": passage.id in shown}) for passage in numbered]


def documents(mission: Mission) -> Step[Rows]:
    """The most telling section for each topic of the entry, by the playbook's own calls: committed, so nothing is read twice."""
    hits: Rows = []
    for number, topic in enumerate(mission.entry.docs_topics, 1):
        done = yield Action(id=f"docs-{number}", tool="read_docs", args={"query": topic, "limit": 3}, why=f"read the docs on {topic}")
        hits += telling(done.result.get("hits", []))
    return hits


def telling(hits: Rows) -> Rows:
    """The best hit that says more than its title, or else the best one.

    What the framework says of itself comes first: our own pages tell what the probes found, and a hypothesis that quotes them is no news.
    """
    hits = [hit for hit in hits if hit["link"].startswith("upstream/")] or hits
    return [next((hit for hit in hits if len(hit["excerpt"]) >= TELLING), hits[0])] if hits else []


def from_document(hit: dict[str, Any]) -> Passage:
    """A section of the documentation."""
    text = hit["excerpt"][:LENGTH]
    digest = hashlib.sha256(text.encode()).hexdigest()
    clean, removed = neutral(text)
    return Passage(
        id="", kind="documentation", place=hit["link"], text=clean, sha256=digest, page_sha256=hit["sha256"], instructions_removed=removed
    )


def from_page(page: ReadPageResult) -> list[Passage]:
    """The passages of a web page."""
    found = []
    for row in page.passages:
        clean, removed = neutral(row.text)
        found.append(
            Passage(
                id="",
                kind="web",
                place=page.page,
                title=page.title,
                text=clean,
                sha256=row.sha256,
                page_sha256=page.sha256,
                retrieved_at=page.retrieved_at,
                instructions_removed=removed,
            )
        )
    return found


def to_show(passages: list[Passage], query: str) -> set[str]:
    """Ids of the web passages that match best, a few of each page, and of documentation for the rest."""
    web = [passage for passage in passages if passage.kind == "web"]
    chosen: list[Passage] = []
    counts: Counter[str] = Counter()
    for number in ranked([passage.text for passage in web], query):
        counts[web[number].place] += 1
        if counts[web[number].place] <= OF_ONE_PAGE and len(chosen) < WEB:
            chosen.append(web[number])
    rest = [passage for passage in passages if passage.kind == "documentation"][: SHOWN - len(chosen)]
    return {passage.id for passage in [*chosen, *rest]}


def ranked(texts: list[str], query: str) -> list[int]:
    """Places of the texts that hold words of the query, best match first."""
    expression = match_expression(query)
    if not expression:
        return []
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute("CREATE VIRTUAL TABLE passage USING fts5(text, tokenize = 'porter unicode61')")
        index.executemany("INSERT INTO passage(rowid, text) VALUES (?, ?)", enumerate(texts))
        rows = index.execute("SELECT rowid FROM passage WHERE passage MATCH ? ORDER BY bm25(passage), rowid", (expression,))
        return [int(number) for (number,) in rows]
