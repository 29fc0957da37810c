"""The documentation's index, a ledger of 100,000 findings, and the analysis of long logs."""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from agent.core.findings import Improvement
from agent.core.ledger import Ledger
from agent.core.ledger_lines import encode_data, encode_line
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from bench.figures.figure import OURS, Samples
from bench.rows import ROOT
from tools.analyze_logs import AnalyzeLogsArgs, analyze_logs
from tools.doc_index import Page, read_pages, search
from tools.doc_sections import markdown_below, own_files

QUERIES = ("retry and backoff", "idempotency keys", "cancel a pipeline", "event sink", "guard retry", "snapshot", "tool approval")
FINDINGS, FEW, PAGE = 100_000, 10_000, 50
LOG_MB = 30
LINE = (
    '{"timestamp": "2026-01-01T00:%02d:%02d.%03dZ", "level": "%s", "logger": "stage", "message": "order %d priced at %d", '
    '"correlation_id": "c%d"}\n'
)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def documents(rounds: int) -> dict[str, Samples]:
    """Milliseconds to index our pages and those of the pinned release, and of a query as the tool asks it; beside both a bare table."""
    docs = Settings.load().docs
    pages = read_pages(docs, [*own_files(docs), *markdown_below(docs / "upstream" / version("stageflow-core"))])
    index: Samples = {OURS: [], "bare FTS5 table": []}
    query: Samples = {OURS: [], "bare FTS5 table": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            index[OURS].append(timed(partial(search, Path(folder), pages, QUERIES[0], 5)))
            query[OURS] += [timed(partial(search, Path(folder), pages, words, 5)) for words in QUERIES]
            db = sqlite3.connect(Path(folder) / "bare.sqlite")
            index["bare FTS5 table"].append(timed(partial(bare, db, pages)))
            query["bare FTS5 table"] += [timed(partial(asked, db, words)) for words in QUERIES]
            db.close()
    return {"index": index, "query": query}


def bare(db: sqlite3.Connection, pages: list[Page]) -> None:
    """The floor: whole pages in one table."""
    db.execute("CREATE VIRTUAL TABLE page USING fts5(body, tokenize = 'porter unicode61')")
    db.executemany("INSERT INTO page VALUES (?)", ((page.raw.decode("utf-8", "replace"),) for page in pages))
    db.commit()


def asked(db: sqlite3.Connection, words: str) -> list[object]:
    """A query of it."""
    return db.execute("SELECT rowid FROM page WHERE page MATCH ? ORDER BY bm25(page) LIMIT 5", (" OR ".join(words.split()),)).fetchall()


def ledger(rounds: int) -> dict[str, Samples]:
    """Milliseconds to add one finding to 100,000 and to list a page of them; and whether to log 10,000 again costs the same in fewer."""
    with tempfile.TemporaryDirectory() as folder:
        big = filled(Path(folder) / "big", FINDINGS)
        few = filled(Path(folder) / "few", FEW)
        known(few, (1,))
        book = Ledger(big)
        book.log_finding("improvement", finding(FINDINGS), "bench", f"key-{FINDINGS}")
        add = [
            timed(partial(book.log_finding, "improvement", finding(n), "bench", f"key-{n}"))
            for n in range(FINDINGS + 1, FINDINGS + 1 + rounds)
        ]
        page = [timed(lambda: book.findings("improvement")[:PAGE]) for _ in range(rounds)]
        again = {count: timed(partial(known, folder, range(1, count, count // FEW))) for count, folder in ((FINDINGS, big), (FEW, few))}
    return {"ledger add": {OURS: add}, "ledger page": {OURS: page}, "ledger dedupe": {OURS: [again[FINDINGS] / again[FEW]]}}


def finding(number: int) -> dict[str, str]:
    """One of many."""
    return {
        "title": f"Suggestion {number}",
        "description": "A sentence that says what could be better, as long as they are. " * 3,
        "type": "improvement",
        "priority": "P2",
        "category": "api",
    }


def filled(folder: Path, count: int) -> Path:
    """A folder whose ledger holds so many findings, line by line as they would be, without bringing the file up to date for each."""
    folder.mkdir()
    with (folder / "ledger.jsonl").open("wb") as stream:
        for number in range(1, count + 1):
            at = "2026-01-01T00:00:00.000+00:00"
            data = {"id": f"IMP-{number:03d}", "agent": "bench", "timestamp": at} | Improvement.model_validate(finding(number)).model_dump()
            stream.write(encode_line(number, at, "improvement", f"key-{number}", encode_data(data)))
    return folder


def known(folder: Path, numbers: Iterable[int]) -> None:
    """Log these findings of a ledger again, in a process that has not read it."""
    book = Ledger(folder)
    for number in numbers:
        if book.log_finding("improvement", finding(number), "bench", f"key-{number}").new:
            raise SystemExit(f"finding {number} was not known")


def logs(rounds: int) -> dict[str, Samples]:
    """Megabytes a minute of a long log, and the memory of a process that reads ten times as much."""
    speed, peaks = [], []
    for size in (LOG_MB // 10, LOG_MB):
        done = subprocess.run(
            [sys.executable, "-m", "bench.figures.records", str(size)], cwd=ROOT, check=True, capture_output=True, text=True
        )
        told = json.loads(done.stdout)
        speed.append(size / told["seconds"] * 60)
        peaks.append(told["peak_mb"])
    return {"log": {OURS: speed[1:]}, "log memory": {OURS: [peaks[1] / peaks[0]]}}


def analysed(megabytes: int) -> dict[str, float]:
    """Seconds and memory of the analysis of one log, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        run = Workspace(Path(folder))
        log = run.path("results/logs/long.log")
        log.parent.mkdir(parents=True)
        with log.open("w", encoding="utf-8") as stream:
            for number in range(megabytes * 1_000_000 // 150):
                level = "ERROR" if number % 97 == 0 else "INFO"
                stream.write(
                    LINE % (number // 60_000 % 60, number // 1000 % 60, number % 1000, level, number, number * 7 % 1000, number % 50)
                )
        size = log.stat().st_size
        context = ToolContext(Settings.load(), None, run, lambda line: None)
        began = time.perf_counter()
        analyze_logs(AnalyzeLogsArgs(log="results/logs/long.log", name="long"), context)
        seconds = (time.perf_counter() - began) * megabytes * 1e6 / size
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(analysed(int(sys.argv[1]))) + "\n")
