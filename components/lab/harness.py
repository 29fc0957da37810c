"""What every pipeline file shares: its command line, structured logs, captured events, checks with three-valued verdicts, results.

    python pipelines/<name>.py --list | --smoke | --test ID [--out FILE] [--seed N]

Exit code 0: it ran, whatever the verdicts; 2: wrong usage; 3: the test itself broke, with a traceback.
"""

import argparse
import asyncio
import datetime as dt
import gzip
import json
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from components.lab.stall import WINDOW, StallWatch
from components.lab.trial import CORRELATION

Verdict = Literal["holds", "violated", "unknown"]
Strategy = Literal["golden", "state", "metrics", "logs", "side_effects", "invariant", "differential"]
logger = logging.getLogger("mission")
TIMED_OUT = re.compile(r"time[- ]?out|timed[- ]?out", re.IGNORECASE)
"""In what is said of a problem: a clock had to do with it."""


@dataclass(frozen=True)
class Check:
    """One promise of the framework, or one invariant, and how it came out.

    Attributes:
        id: unique within the test.
        claim: what must hold.
        source: `docs/<page>.md#<section>`, `docstring:<name>` or `invariant:<which>`.
        strategy: how it was looked at.
        verdict: unknown when the control failed too, nothing was seen, or a time-out fired while the machine did not run us; never a pass.
    """

    id: str
    claim: str
    source: str
    strategy: Strategy
    verdict: Verdict
    expected: str
    observed: str


class EventRecorder:
    """An event sink that keeps everything, in order of arrival."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._start = time.perf_counter()

    async def emit(self, *, type: str, data: dict[str, Any] | None) -> None:
        """Keep the event."""
        self.try_emit(type=type, data=data)

    def try_emit(self, *, type: str, data: dict[str, Any] | None) -> None:
        """Keep the event."""
        self.events.append({"at": round(time.perf_counter() - self._start, 6), "type": type, "data": dict(data or {})})

    def of(self, type: str) -> list[dict[str, Any]]:
        """Data of the events of one type."""
        return [event["data"] for event in self.events if event["type"] == type]


class LogRecorder(logging.Handler):
    """Keeps log records, so that missing lines can be noticed."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record."""
        self.lines.append(as_line(record) | {"created": record.created})

    def of(self, logger_name: str, start: str) -> list[dict[str, Any]]:
        """Lines of a logger whose message begins with `start`."""
        return [line for line in self.lines if line["logger"] == logger_name and line["message"].startswith(start)]


def as_line(record: logging.LogRecord) -> dict[str, Any]:
    """A log record as the fields of a JSON line."""
    line: dict[str, Any] = {
        "level": record.levelname,
        "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="microseconds"),
        "logger": record.name,
        "message": record.getMessage(),
        "correlation_id": CORRELATION.get(),
    }
    for name in ("event", "stage", "status", "pipeline_run_id", "duration_ms", "error"):
        if hasattr(record, name):
            line[name] = getattr(record, name)
    return line


class JsonLines(logging.Formatter):
    """One JSON object per line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = as_line(record)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def set_up_logging(level: int) -> LogRecorder:
    """JSON lines on standard output from `level` on, warnings included, and a recorder of the same lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    recorder = LogRecorder()
    logging.basicConfig(level=level, handlers=[handler, recorder], force=True)
    logging.getLogger("mission").setLevel(logging.INFO)
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    return recorder


@dataclass
class Notes:
    """What a test writes down: checks, metrics, events, logs."""

    seed: int
    logs: LogRecorder
    events: EventRecorder = field(default_factory=EventRecorder)
    checks: list[Check] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    stalls: StallWatch = field(default_factory=StallWatch)

    def judge(
        self, id: str, claim: str, source: str, strategy: Strategy, problems: Sequence[str], control: Sequence[str] = (), seen: int = 1
    ) -> None:
        """Add a check: violated when there are problems; unknown when the control has some too, when nothing was `seen`, or for a time-out
        on a machine that did not let us run."""
        verdict: Verdict = "violated" if problems else "holds"
        observed = in_short(problems) if problems else "no exception to it"
        if control:
            verdict, observed = "unknown", f"the control without Stageflow fails too: {in_short(control)}"
        elif seen < 1:
            verdict, observed = "unknown", "nothing was seen that could be judged"
        elif verdict == "violated" and self.stalls.starved and any(map(TIMED_OUT.search, problems)):
            lost = f"the machine did not run us for {self.stalls.worst * 1e3:.0f} of {WINDOW * 1e3:.0f} ms, so time-outs prove nothing"
            verdict, observed = "unknown", f"{lost}: {in_short(problems)}"
        check = Check(id, claim, source, strategy, verdict, "no exception to it", observed)
        self.checks.append(check)
        logger.log(
            logging.INFO if verdict == "holds" else logging.WARNING,
            "check %s: %s",
            id,
            verdict,
            extra={"event": "check", "status": verdict},
        )


def in_short(problems: Sequence[str], most: int = 3) -> str:
    """The first few problems and how many there are."""
    more = f" (and {len(problems) - most} more)" if len(problems) > most else ""
    return " | ".join(problems[:most]) + more


@dataclass(frozen=True)
class LabTest:
    """A test of a pipeline file.

    Attributes:
        id: unique in the run.
        category: one of the seven test categories.
        claim: what it is about, in one line.
        seconds: how long it may take.
        run: the test; writes into its notes.
        quiet: only warnings and above are logged, because logging would be what is measured.
    """

    id: str
    category: str
    claim: str
    seconds: float
    run: Callable[[Notes], Awaitable[None]]
    quiet: bool = False


def write_json(path: Path, value: Any) -> None:
    """Write through a temporary file: a reader sees the whole result or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(value, stream, indent=2, ensure_ascii=False, default=str)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def run_test(test: LabTest, pipeline: str, root: Path, out: Path, seed: int) -> None:
    """Run a test to its end and write its result and its events."""
    notes = Notes(seed, set_up_logging(logging.WARNING if test.quiet else logging.INFO))
    started = dt.datetime.now(dt.UTC)
    began = time.perf_counter()
    logger.info("test %s started, seed %s: %s", test.id, seed, test.claim, extra={"event": "test_started"})

    async def limited() -> None:
        await asyncio.wait_for(test.run(notes), test.seconds)

    with notes.stalls:
        asyncio.run(limited())
    seconds = round(time.perf_counter() - began, 3)
    logger.info("test %s ended after %s s", test.id, seconds, extra={"event": "test_ended"})
    events = root / "results" / "traces" / f"{test.id}.jsonl.gz"
    events.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(e, default=str, ensure_ascii=False) + "\n" for e in notes.events.events)
    events.write_bytes(gzip.compress(lines.encode("utf-8", "backslashreplace"), 5, mtime=0))
    result = {
        "test": test.id,
        "category": test.category,
        "pipeline": pipeline,
        "claim": test.claim,
        "seed": seed,
        "started_at": started.isoformat(),
        "seconds": seconds,
        "starved_ms": round(notes.stalls.worst * 1e3, 1),
        "log_level": "WARNING" if test.quiet else "INFO",
        "checks": [asdict(check) for check in notes.checks],
        "metrics": notes.metrics,
        "events": events.relative_to(root).as_posix(),
    }
    write_json(out, result)


def main(file: str, tests: Sequence[LabTest], smoke: Callable[[Notes], Awaitable[None]], argv: Sequence[str] | None = None) -> int:
    """The command line of a pipeline file; returns the exit code."""
    pipeline, root = Path(file).stem, Path(file).resolve().parents[1]
    parser = argparse.ArgumentParser(prog=f"python pipelines/{pipeline}.py")
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--list", action="store_true", help="show the tests of this file as JSON lines")
    chosen.add_argument("--smoke", action="store_true", help="push a few records through")
    chosen.add_argument("--test", choices=[test.id for test in tests], help="run one test")
    parser.add_argument("--out", type=Path, help="where the result goes; relative to the run folder")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    if args.list:
        for test in tests:
            sys.stdout.write(json.dumps({"test": test.id, "category": test.category, "seconds": test.seconds, "claim": test.claim}) + "\n")
        return 0
    try:
        if args.smoke:
            asyncio.run(asyncio.wait_for(smoke(Notes(args.seed, set_up_logging(logging.INFO))), 30))
        else:
            test = next(test for test in tests if test.id == args.test)
            run_test(test, pipeline, root, root / (args.out or Path("results/metrics") / f"{test.id}.json"), args.seed)
    except Exception:
        logger.exception("the test itself broke", extra={"event": "test_broken"})
        return 3
    return 0
