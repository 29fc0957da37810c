"""Requests and tokens a minute and a day: counted before sending, shared by every process on the machine.

One SQLite file holds what was sent. pyrate-limiter's SQLite bucket is not used: it counts and inserts in two steps, which is safe across
processes only with a further lock file and package, it keeps a row for every token, and what is in it cannot be corrected by the real
usage. Here each decision is one immediate transaction, so of two processes one waits for the other, and a killed one leaves nothing half.

What counts is a sliding window. Groq's own limit is a bucket that refills steadily: of 429 messages people have published, "Limit 7000,
Used 0, Requested 12903, try again in 50.597s" and "Limit 100000, Used 97050, Requested 3619, try again in 9m38.016s" are the excess divided
by the rate of refill. Whatever keeps within the window keeps within such a bucket too.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Self

from agent.core.record import Record
from agent.core.settings import Settings
from agent.models.durations import seconds_of

MINUTE, DAY = 60.0, 86_400.0
BACK_OFF = (2.0, 60.0)
"""Seconds after a first refusal that does not say how long, doubled with each further one; and at most."""
UNSAID_DAY = 3_600.0
"""Seconds after a refusal for the day that does not say how long."""
TRUSTED = DAY
"""Seconds for which what a provider said about its limits is believed."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (id INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT NOT NULL, at REAL NOT NULL, tokens INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS sent_scope ON sent (scope, at);
CREATE TABLE IF NOT EXISTS learned (scope TEXT, name TEXT, value REAL NOT NULL, at REAL NOT NULL, PRIMARY KEY (scope, name));
"""


@dataclass(frozen=True)
class Allowance:
    """What may be sent, until a provider says otherwise."""

    requests_per_minute: int
    tokens_per_minute: int
    requests_per_day: int
    tokens_per_day: int

    @classmethod
    def of(cls, settings: Settings, plan: Record | None = None) -> Self:
        """As the settings say; where nobody set them, as the provider's smallest plan has it, if that is known."""
        names = [name for name, _, _ in WINDOWS]
        return cls(**{name: getattr(plan if plan and name not in settings.model_fields_set else settings, name) for name in names})


UNLIMITED = Allowance(10**12, 10**12, 10**12, 10**12)
"""Of a provider that runs on this machine or replays a file."""


@dataclass(frozen=True)
class Granted:
    """The call may be sent now and is counted; `ticket` is what to correct by the real usage."""

    ticket: int
    waited: float = 0.0


@dataclass(frozen=True)
class ComeBack:
    """The call may not be sent before `at`, seconds since the epoch, which is longer than the caller would wait."""

    at: float
    period: Literal["minute", "day"]
    why: str
    waited: float = 0.0


@dataclass(frozen=True)
class NeverFits:
    """The call is above a limit, however long one waits; `largest` tokens would fit."""

    largest: int
    why: str


Verdict = Granted | ComeBack | NeverFits

WINDOWS: tuple[tuple[str, str, float], ...] = (
    ("requests_per_minute", "requests a minute", MINUTE),
    ("tokens_per_minute", "tokens a minute", MINUTE),
    ("requests_per_day", "requests a day", DAY),
    ("tokens_per_day", "tokens a day", DAY),
)


class Limiter:
    """The limits of one machine; a scope is a provider's model, since that is what providers count by."""

    def __init__(
        self,
        file: Path,
        allowance: Allowance,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._file = file
        self._allowance = allowance
        self._clock = clock
        self._sleep = sleep

    def admit(self, scope: str, tokens: int, patience: float) -> Verdict:
        """Count a call in, after waiting `patience` seconds at most until it fits."""
        began = self._clock()
        while True:
            verdict = self._decide(scope, tokens)
            waited = self._clock() - began
            match verdict:
                case Granted():
                    return Granted(verdict.ticket, waited)
                case ComeBack() if verdict.at > began + patience:
                    return ComeBack(verdict.at, verdict.period, verdict.why, waited)
                case NeverFits():
                    return verdict
            self._sleep(max(0.05, verdict.at - self._clock()))

    def correct(self, ticket: int, tokens: int) -> None:
        """Replace the estimate of a call by what it really took."""
        with self._transaction() as db:
            db.execute("UPDATE sent SET tokens = ? WHERE id = ?", (max(0, min(tokens, 2**53)), ticket))

    def largest(self, scope: str) -> int:
        """Tokens of the largest call that can fit at all."""
        with self._transaction() as db:
            limits = self._limits(db, scope)
        return int(min(limits["tokens_per_minute"], limits["tokens_per_day"]))

    def learn(self, scope: str, headers: Mapping[str, str], requests: Literal["minute", "day"] = "day") -> None:
        """Take over what a response says about the limits; `requests` is the period its request headers are about, at Groq the day."""
        periods = {"tokens": ("tokens_per_minute", MINUTE), "requests": (f"requests_per_{requests}", DAY if requests == "day" else MINUTE)}
        with self._transaction() as db:
            for kind, (name, period) in periods.items():
                limit = _count(headers.get(f"x-ratelimit-limit-{kind}"))
                if limit:
                    self._note(db, scope, name, limit)
                remaining = _count(headers.get(f"x-ratelimit-remaining-{kind}"))
                if remaining is not None:
                    self._note(db, scope, f"{name}_remaining", remaining)
                    reset = seconds_of(headers.get(f"x-ratelimit-reset-{kind}", ""))
                    self._note(db, scope, f"{name}_reset", min(reset if reset is not None else period, period))
            db.execute("DELETE FROM learned WHERE scope = ? AND name = 'refusals'", (scope,))

    def refused(self, scope: str, retry_after: float | None, period: str = "unknown") -> float:
        """A rate limit was met: close the scope for as long as the provider says, else for longer each time; until when."""
        with self._transaction() as db:
            refusals = self._learned(db, scope).get("refusals", 0.0)
            first, most = BACK_OFF
            unsaid = UNSAID_DAY if period == "day" else min(most, first * 2.0 ** min(refusals, 10.0))
            until = self._clock() + min(DAY, max(0.0, unsaid if retry_after is None else retry_after))
            self._note(db, scope, "refusals", refusals + 1)
            self._note(db, scope, "closed_until", max(until, self._learned(db, scope).get("closed_until", 0.0)))
            self._note(db, scope, "closed_day", float(period == "day"))
        return until

    def _decide(self, scope: str, tokens: int) -> Verdict:
        with self._transaction() as db:
            now = self._clock()
            # A clock that was set back must not hold calls for as long as it was ahead.
            db.execute("UPDATE sent SET at = ? WHERE at > ?", (now, now))
            db.execute("DELETE FROM sent WHERE at <= ?", (now - DAY,))
            limits, learned = self._limits(db, scope), self._learned(db, scope)
            latest = _closed(learned, now)
            for name, text, period in WINDOWS:
                measure = "tokens" if name.startswith("tokens") else "1"
                need = tokens if measure == "tokens" else 1
                if need > limits[name]:
                    largest = int(min(limits["tokens_per_minute"], limits["tokens_per_day"]))
                    return NeverFits(largest, f"{need} is above the limit of {limits[name]:g} {text}")
                free, counted = 0.0, partial(_sent, db, scope, measure)
                if need + sum(size for _, size in counted(now - period, summed=True)) > limits[name]:
                    free = _free_at(counted(now - period), need, limits[name], period)
                if seen := learned.get(f"{name}_remaining@"):
                    free = max(free, _said_free_at(counted(seen), need, limits[name], period, name, learned))
                if free > max(now, latest.at if latest else 0.0):
                    latest = ComeBack(free, "day" if period == DAY else "minute", f"the limit of {limits[name]:g} {text} is used up")
            if latest:
                return latest
            return Granted(db.execute("INSERT INTO sent (scope, at, tokens) VALUES (?, ?, ?)", (scope, now, tokens)).lastrowid or 0)

    def _limits(self, db: sqlite3.Connection, scope: str) -> dict[str, float]:
        learned = self._learned(db, scope)
        return {name: learned.get(name, float(getattr(self._allowance, name))) for name, _, _ in WINDOWS}

    def _learned(self, db: sqlite3.Connection, scope: str) -> dict[str, float]:
        """What is known of a scope; times of remarks under `<name>@`."""
        since = self._clock() - TRUSTED
        found = db.execute("SELECT name, value, at FROM learned WHERE scope = ? AND at > ?", (scope, since)).fetchall()
        return {key: number for name, value, at in found for key, number in ((name, value), (f"{name}@", at))}

    def _note(self, db: sqlite3.Connection, scope: str, name: str, value: float) -> None:
        db.execute("INSERT OR REPLACE INTO learned VALUES (?, ?, ?, ?)", (scope, name, value, self._clock()))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """An immediate transaction: nobody else reads or writes between its first statement and its end."""
        with _guard:
            db = _connected(self._file)
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                _open.pop(self._file)[1].close()
                raise


_open: dict[Path, tuple[tuple[int, int, int], sqlite3.Connection]] = {}
"""Connections of this process, by file, each with the process that opened it and the file's place on disk."""
_guard = threading.RLock()


def _connected(file: Path) -> sqlite3.Connection:
    """The connection to a file, opened when this process has none to the file that is there now."""
    found = file.stat() if file.exists() else None
    if found and file in _open and _open[file][0] == (os.getpid(), found.st_dev, found.st_ino):
        return _open[file][1]
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        _prepared(db)
    except BaseException:
        db.close()
        raise
    made = file.stat()
    before = _open.get(file)
    _open[file] = (os.getpid(), made.st_dev, made.st_ino), db
    if before and before[0][0] == os.getpid():
        before[1].close()
    return db


def _prepared(db: sqlite3.Connection) -> None:
    """See that the tables are there."""
    if not db.execute("PRAGMA user_version").fetchone()[0]:
        with contextlib.suppress(sqlite3.OperationalError):  # another process is making it at this instant
            db.execute("PRAGMA journal_mode = WAL")
        db.executescript(f"BEGIN IMMEDIATE;{SCHEMA}PRAGMA user_version = 1;COMMIT;")
    db.execute("PRAGMA synchronous = NORMAL")  # a cut of the power may forget the last calls, which the provider still counts


def _count(text: str | None) -> int | None:
    """A number of requests or tokens as a header has it; None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


def _sent(db: sqlite3.Connection, scope: str, measure: str, since: float, *, summed: bool = False) -> list[tuple[float, float]]:
    """When calls were sent from a time on, and how large they were by a measure, the newest first; summed: one row for all of them."""
    what = f"max(at), total({measure})" if summed else f"at, {measure}"
    order = "" if summed else "ORDER BY at DESC, id DESC"
    return db.execute(f"SELECT {what} FROM sent WHERE scope = ? AND at >= ? {order}", (scope, since)).fetchall()


def _closed(learned: Mapping[str, float], now: float) -> ComeBack | None:
    until = learned.get("closed_until", 0.0)
    if until <= now:
        return None
    long = bool(learned.get("closed_day")) or until - now > 10 * MINUTE
    return ComeBack(until, "day" if long else "minute", "the provider said to wait")


def _free_at(sent: list[tuple[float, float]], need: int, limit: float, period: float) -> float:
    """When `need` more fit into the window: when the newest call leaves it that is one too many."""
    total = float(need)
    for at, size in sent:
        total += size
        if total > limit:
            return at + period
    return 0.0


def _said_free_at(
    sent: list[tuple[float, float]], need: int, limit: float, period: float, name: str, learned: Mapping[str, float]
) -> float:
    """The same by what the provider said remains, which counts other machines too: it refills steadily, by its reset at the latest."""
    seen = learned[f"{name}_remaining@"]
    missing = need + sum(size for at, size in sent if at >= seen) - learned[f"{name}_remaining"]
    return seen + min(missing * period / limit, learned[f"{name}_reset"]) if missing > 0 else 0.0
