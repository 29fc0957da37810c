"""What is known of a batch: how its missions ended, in an append-only ledger, and where it stands now, in one small file."""

import datetime as dt
import time
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from agent.core.files import write_atomic
from agent.core.ledger import Ledger
from agent.core.record import Record

FOLDER = "batch"
"""Below the folder of runs: ledger, standing, lock, and what every mission said in `logs/`."""
LOCK = "batch.lock"
"""In that folder; held as long as a batch goes on."""
Outcome = Literal["finished", "stopped", "waiting", "failed"]
"""Stopped: it goes on the next time. Waiting: a person is asked. Failed: it crashed twice, hung, or said that it cannot be done."""


class Ended(Record):
    """How a mission of a batch ended."""

    entry: str
    run: str
    """`<ENTRY>/<run>`; empty when it never made a run folder."""
    target: str
    """Fingerprint of the stageflow under test."""
    outcome: Outcome
    code: int
    """Exit code; negative: the signal that killed it."""
    seconds: float
    """From its start to its end in this batch."""
    why: str
    """Of what did not finish: the last line that it said, or what the batch did to it."""


class Running(Record):
    """A mission that is under way."""

    entry: str
    pid: int
    started_at: str
    doing: str
    """The last line that it said."""
    worker: str = ""
    """Machine and process of the worker that carries it out; empty: the batch itself."""


class Standing(Record):
    """Where a batch stands; written again every few seconds."""

    pid: int
    started_at: str
    updated_at: str
    target: str
    """As it was asked for."""
    total: int
    """Missions that this batch set out to do."""
    finished: int
    stopped: int
    failed: int
    left: int
    """Not begun yet."""
    running: tuple[Running, ...]
    seconds_left: float
    """Estimated from missions that have ended."""


def now() -> str:
    """UTC, ISO 8601, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def folder_of(runs: Path) -> Path:
    """Where the batches of a folder of runs are written down."""
    return runs / FOLDER


def log_of(runs: Path, entry: str) -> Path:
    """What the missions of an entry said."""
    return folder_of(runs) / "logs" / f"{entry}.log"


def keep_ended(runs: Path, ended: Ended) -> None:
    """Remember how a mission ended, durably."""
    Ledger(folder_of(runs)).append("mission_ended", f"{ended.entry}#{time.time_ns()}", ended.model_dump())


def all_ended(runs: Path) -> list[Ended]:
    """How missions ended, oldest first; none when there never was a batch."""
    if not (folder_of(runs) / "ledger.jsonl").exists():
        return []
    return [Ended.model_validate(record.data) for record in Ledger(folder_of(runs)).records("mission_ended")]


def keep_standing(runs: Path, standing: Standing) -> None:
    """Tell whoever asks where the batch stands."""
    write_atomic(folder_of(runs) / "standing.json", standing.model_dump_json(indent=2) + "\n")


def read_standing(runs: Path) -> Standing | None:
    """Where the last batch stands or stood; None when there was none, or the file is damaged."""
    try:
        return Standing.model_validate_json((folder_of(runs) / "standing.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
