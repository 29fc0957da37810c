"""The run's store of model calls: what was asked and what came back, on disk before anything is made of it.

One file a question, `results/model/calls/<key>.json`. The key is made of the question as it would be without any limit, so that a resumed
mission finds the answer again although limits and learned factors, hence the cuts of the sent text, may be others by then.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr, ValidationError

from agent.core.chat import ChatModel, Reply, Request
from agent.core.errors import WorkspaceUnwritable
from agent.core.files import write_atomic
from agent.core.harmless import shown_json
from agent.core.record import Record
from agent.core.shortage import ran_out
from agent.models.scrub import scrubbed

FOLDER = "results/model/calls"

Outcome = Literal["sent", "answered", "malformed", "limited", "too_large", "refused", "unavailable"]
"""`sent`: the process ended before it knew; the call may have been paid."""


class Attempt(Record):
    """One request on the wire."""

    outcome: Outcome
    """How it ended."""
    sent_at: float
    """Seconds since the epoch."""
    estimated: int
    """Tokens of prompt and answer together that were reserved for it."""
    prompt_sha256: str
    """Of the messages as sent."""
    waited: float = 0.0
    """Seconds spent waiting for a limit before it."""
    seconds: float = 0.0
    """Seconds until it ended."""
    prompt_tokens: int | None = None
    """As the provider counted; None when it did not say."""
    answer_tokens: int | None = None
    """As the provider counted; None when it did not say."""
    cost: float | None = None
    """US dollars; None: unknown."""
    message: str = ""
    """What went wrong."""

    @property
    def tokens(self) -> int:
        """What the budget counts: the provider's figure, nothing for what was turned away, else what was reserved."""
        if self.prompt_tokens is not None and self.answer_tokens is not None:
            return self.prompt_tokens + self.answer_tokens
        return 0 if self.outcome in {"limited", "too_large", "refused"} else self.estimated


class CallRecord(Record):
    """A question to one model, and everything that came of it."""

    key: str
    """Hash of the question."""
    question: str
    """Key of the first question of the same `ask_model`; repairs and further draws share it."""
    decision: str
    """Name of the decision."""
    draw: int = 0
    """Number of the draw."""
    phase: str
    """Whose budget pays; empty: only the mission's."""
    provider: str
    """Who was asked."""
    model: str
    """By which name it was asked for."""
    nudged: bool = False
    """The question held a sentence against going round in circles."""
    cuts: tuple[str, ...] = ()
    """Slots that did not fit whole."""
    neutralised: int = 0
    """Lines of foreign text that read like instructions and were taken out."""
    problem: str = ""
    """Why the answer could not be used; empty when it could, or was not read yet."""
    request: Request
    """As sent last."""
    reply: Reply | None = None
    """The answer, once there is one."""
    attempts: tuple[Attempt, ...] = ()
    """Oldest first."""


def key_of(model: ChatModel, whole: Request, draw: int) -> str:
    """The key of a question at full size; `draw` tells repeated draws of the same question apart."""
    material = json.dumps([model.provider, model.name, whole.model_dump(mode="json"), draw], sort_keys=True)
    return hashlib.sha256(material.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def sha256_of(request: Request) -> str:
    """Hash of the messages."""
    material = json.dumps([message.model_dump() for message in request.messages], sort_keys=True)
    return hashlib.sha256(material.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class _Known:
    """What is known of a run's calls without reading them again: its process is the only one that writes them.

    Attributes:
        state: of the folder when it was read or last written by us; another one means that somebody else changed it.
        records: by key, the question asked last coming last.
        most: what `CallStore.most` found, and the last record that it saw.
    """

    state: tuple[int, ...] = ()
    records: dict[str, CallRecord] = field(default_factory=dict)
    most: dict[tuple[str, ...], tuple[float, CallRecord | None]] = field(default_factory=dict)


_known: dict[Path, _Known] = {}
_guard = threading.RLock()


class CallStore:
    """The calls of one run; secrets given to it are never written."""

    def __init__(self, run: Path, secrets: Iterable[SecretStr | None] = ()) -> None:
        self._folder = run / FOLDER
        self._secrets = tuple(secrets)

    def get(self, key: str) -> CallRecord | None:
        """The record of a question; None when there is none or it cannot be read."""
        with _guard:
            return self._records().get(key)

    def put(self, record: CallRecord, *, lasting: bool = True) -> CallRecord:
        """Write a record and hand back what was written; see `write_atomic`.

        Raises:
            WorkspaceUnwritable: the run folder takes no more.
        """
        written = self._clean(record)
        with _guard:
            records = self._records()
            try:
                write_atomic(self._folder / f"{record.key}.json", shown_json(written.model_dump_json(indent=2)) + "\n", lasting=lasting)
            except OSError as error:
                hint = "Free space or fix the permissions, then run `python -m agent --resume`."
                raise ran_out(error, self._folder) or WorkspaceUnwritable(
                    f"cannot write below {self._folder}: {error.strerror}", hint=hint
                ) from error
            records.pop(record.key, None)
            records[record.key] = written
            _known[self._folder].state = _state(self._folder)
        return written

    def all(self) -> tuple[CallRecord, ...]:
        """Every readable record, the question asked last coming last."""
        with _guard:
            return tuple(self._records().values())

    def most(self, of: Callable[[CallRecord], float], model: ChatModel) -> float:
        """The largest figure that a function makes of a model's answers, or 0; looks only at those that came since it was asked last."""
        with _guard:
            records, found = self._records(), _known[self._folder].most
            name = (of.__qualname__, model.provider, model.name)
            largest, last = found.get(name, (0.0, None))
            for record in reversed(records.values()):
                if record is last:
                    break
                if record.reply and (record.provider, record.model) == name[1:]:
                    largest = max(largest, of(record))
            found[name] = largest, next(reversed(records.values()), None)
            return largest

    def _records(self) -> dict[str, CallRecord]:
        """By key; read when the folder is not as it was left."""
        known = _known.setdefault(self._folder, _Known())
        if known.state != (state := _state(self._folder)):
            found = (_read(file) for file in self._folder.glob("*.json"))
            ordered = sorted((r for r in found if r), key=lambda r: (r.attempts[-1].sent_at if r.attempts else 0.0, r.key))
            known.state, known.records, known.most = state, {record.key: record for record in ordered}, {}
        return known.records

    def _clean(self, record: CallRecord) -> CallRecord:
        """The record without secrets and without characters that no file can hold."""
        value = record.model_dump(mode="json")
        together = "\0".join(_texts(value))
        if together.isascii() and scrubbed(together, self._secrets) == together:
            return record
        return CallRecord.model_validate(self._scrubbed(value))

    def _scrubbed(self, value: Any) -> Any:
        match value:
            case str():
                return scrubbed(value, self._secrets).encode("utf-8", "replace").decode("utf-8")
            case list():
                return [self._scrubbed(item) for item in value]
            case dict():
                return {key: self._scrubbed(item) for key, item in value.items()}
            case _:
                return value


def _state(folder: Path) -> tuple[int, ...]:
    """Changes when a file of the folder is made, replaced or removed."""
    try:
        found = folder.stat()
    except OSError:
        return (0,)
    return found.st_ino, found.st_mtime_ns


def _read(file: Path) -> CallRecord | None:
    try:
        return CallRecord.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValidationError, ValueError):
        return None


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value, keys of objects left out."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for item in value.values():
                yield from _texts(item)
