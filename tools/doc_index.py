"""Full-text index of documentation sections: SQLite FTS5, built once per content and shared by all processes."""

import functools
import hashlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from tools.doc_humps import Humps
from tools.doc_sections import split

SCHEMA = "4"
"""Part of the index's name: a change here makes every older index unused."""
TABLE = (
    "CREATE VIRTUAL TABLE section USING fts5(title, page, body, names, path UNINDEXED, anchor UNINDEXED, line UNINDEXED, "
    "tokenize = 'porter unicode61')"
)
QUERY = (
    "SELECT path, coalesce(nullif(title, ''), page), anchor, line, -bm25(section, 6.0, 2.0, 1.0, 0.5) AS score, "
    "snippet(section, 2, '', '', ' … ', 56) FROM section WHERE section MATCH ? ORDER BY score DESC, rowid LIMIT ?"
)
_SMALL = "a an and are as at be by can do does for from how i in is it of on or that the this to what when which why with"
STOP = frozenset(re.findall(r"\w+", _SMALL))
"""Words that say nothing about a subject; dropped unless a query has no others."""


@dataclass(frozen=True, eq=False)
class Page:
    """A documentation page: its path relative to the docs folder, and its bytes; read once, so that it equals itself alone."""

    path: str
    raw: bytes

    @functools.cached_property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True)
class Found:
    """One matching section; a higher score is a better match."""

    path: str
    title: str
    anchor: str
    line: int
    score: float
    excerpt: str
    sha256: str


def read_pages(root: Path, files: Iterable[str]) -> list[Page]:
    """The given files below `root`, in path order."""
    place = str(root)
    return sorted((_page(place, file, _state(file)) for file in files), key=attrgetter("path"))


@functools.lru_cache(maxsize=2_000)
def _page(root: str, file: str, state: tuple[int, ...]) -> Page:
    """A page as it was in this state; read once."""
    return Page(Path(file).relative_to(root).as_posix(), Path(file).read_bytes())


def _state(file: str) -> tuple[int, ...]:
    found = os.stat(file)  # noqa: PTH116 - asked of every page for every query
    return found.st_ino, found.st_size, found.st_mtime_ns


def match_expression(query: str) -> str:
    """`query` as an FTS5 expression: its words, quoted, any of them; empty when it has none."""
    words = list(dict.fromkeys(word.lower() for word in re.findall(r"\w+", query)))
    telling = [word for word in words if word not in STOP]
    return " OR ".join(f'"{word}"' for word in telling or words)


def search(cache: Path, pages: Sequence[Page], query: str, limit: int) -> list[Found]:
    """The best sections of `pages` for `query`, best first; nothing for a query without words."""
    expression = match_expression(query)
    if not expression or not pages:
        return []
    try:
        with closing(_open(_built(cache, pages))) as index:
            rows = index.execute(QUERY, (expression, limit)).fetchall()
    except (OSError, sqlite3.DatabaseError):  # the cache cannot be written or was damaged: build it in memory
        with closing(sqlite3.connect(":memory:")) as index:
            _fill(index, pages)
            rows = index.execute(QUERY, (expression, limit)).fetchall()
    hashes = {page.path: page.sha256 for page in pages}
    return [Found(*(*row, hashes[row[0]])) for row in rows]


def _built(cache: Path, pages: Sequence[Page]) -> Path:
    """The index file of these pages; made in a private file and renamed, so that nobody sees half of it."""
    file = cache / f"docs-{_digest(tuple(pages))}.sqlite"
    if file.exists():
        return file
    cache.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.stem}-", suffix=".tmp", dir=cache)
    os.close(handle)
    try:
        with closing(sqlite3.connect(name)) as index:
            _fill(index, pages)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)
    return file


@functools.lru_cache(maxsize=8)
def _digest(pages: tuple[Page, ...]) -> str:
    digest = hashlib.sha256(SCHEMA.encode())
    for page in pages:
        digest.update(page.path.encode() + b"\0" + page.sha256.encode())
    return digest.hexdigest()[:16]


def _open(file: Path) -> sqlite3.Connection:
    """The index, read-only; no lock files beside it."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _fill(index: sqlite3.Connection, pages: Sequence[Page]) -> None:
    """Write all sections of all pages."""
    index.execute("PRAGMA page_size = 16384")  # a tenth less to do than with small ones
    index.execute("PRAGMA journal_mode = OFF")  # nobody sees the file before it is whole
    index.execute(TABLE)
    index.executemany("INSERT INTO section VALUES (?, ?, ?, ?, ?, ?, ?)", _rows(pages))
    index.commit()


def _rows(pages: Sequence[Page]) -> Iterator[tuple[str | int, ...]]:
    """The sections as the table holds them."""
    humps = Humps()
    for page in pages:
        parts = split(page.raw.decode("utf-8", errors="replace"))
        heading = next((part.title for part in parts if part.level == 1), "")
        for part in parts:
            names = " ".join(humps.names_in(f"{part.title}\n{part.text}"))
            yield part.title, heading, part.text, names, page.path, part.anchor, part.first_line
